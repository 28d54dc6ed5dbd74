/*---
scope: white_space
needs: [subscriptions, accounts]
signals:
  peers:
    unit: count
    meaning: >
      Other customers that own the anchor, of the same segment and industry where there are 10 of them, else of the same
      segment (where no segment is recorded, of the same size).
    unknown_when: there is no anchor, or it is the same product in another unit
  peer_owners:
    unit: count
    meaning: How many of those peers own the product.
    unknown_when: there is no anchor, or it is the same product in another unit
  peers_owning:
    unit: ratio
    meaning: Share of those peers that own the product; a ranking, never a reason to ask.
    unknown_when: there are no such peers
  peers_lift:
    unit: ratio
    label: "how much more often owners of the anchor own it than all such customers do"
    meaning: >
      That share, for the share of owners among all other customers of the same kind; above 100%, owning the anchor goes
      with owning the product.
    unknown_when: there are no such peers, or none of those customers owns the product
  peers_few:
    unit: flag
    label: "fewer than 20 peers"
    meaning: Whether there are fewer than 20 peers, so that shares among them say little.
    unknown_when: there is no anchor, or it is the same product in another unit
  peers_basis:
    unit: level
    levels: [segment, segment_and_industry]
    meaning: Who counts as a customer of the same kind.
    unknown_when: there is no anchor, or it is the same product in another unit
notes: >
  Size is told by employees - fewer than 50, fewer than 250, fewer than 1000, or more. The account itself never counts.
---*/
WITH customers AS (
  SELECT
    a.account_id,
    COALESCE(
      a.segment,
      CASE
        WHEN a.employees < 50 THEN 'fewer than 50 people'
        WHEN a.employees < 250 THEN 'fewer than 250 people'
        WHEN a.employees < 1000 THEN 'fewer than 1000 people'
        WHEN a.employees >= 1000 THEN '1000 people or more'
        ELSE ''
      END
    ) AS segment,
    COALESCE(a.industry, '') AS industry
  FROM accounts AS a
  WHERE EXISTS(SELECT s.account_id FROM subscription_frame AS s WHERE s.account_id = a.account_id)
), owners AS (
  SELECT DISTINCT c.account_id, c.segment, c.industry, s.product_id
  FROM customers AS c
  INNER JOIN subscription_frame AS s ON s.account_id = c.account_id
), kinds AS (
  SELECT 'segment_and_industry' AS basis, segment, industry, COUNT(*) AS accounts
  FROM customers
  WHERE industry <> ''
  GROUP BY segment, industry
  UNION ALL
  SELECT 'segment' AS basis, segment, '' AS industry, COUNT(*) AS accounts
  FROM customers
  GROUP BY segment
), owning AS (
  SELECT 'segment_and_industry' AS basis, segment, industry, product_id, COUNT(*) AS accounts
  FROM owners
  WHERE industry <> ''
  GROUP BY segment, industry, product_id
  UNION ALL
  SELECT 'segment' AS basis, segment, '' AS industry, product_id, COUNT(*) AS accounts
  FROM owners
  GROUP BY segment, product_id
), pairs AS (
  SELECT b.segment, b.industry, b.product_id AS anchor_product_id, o.product_id, COUNT(*) AS accounts
  FROM owners AS b
  INNER JOIN owners AS o ON o.account_id = b.account_id AND o.product_id <> b.product_id
  GROUP BY b.segment, b.industry, b.product_id, o.product_id
), owning_both AS (
  SELECT 'segment_and_industry' AS basis, segment, industry, anchor_product_id, product_id, accounts
  FROM pairs
  WHERE industry <> ''
  UNION ALL
  SELECT 'segment' AS basis, segment, '' AS industry, anchor_product_id, product_id, SUM(accounts) AS accounts
  FROM pairs
  GROUP BY segment, anchor_product_id, product_id
), cells AS (
  SELECT
    f.account_id,
    f.business_unit,
    f.product_id,
    f.anchor_product_id,
    c.segment,
    c.industry,
    CASE WHEN n.accounts > 10 THEN 'segment_and_industry' ELSE 'segment' END AS basis,
    CASE WHEN o.account_id IS NULL THEN 0 ELSE 1 END AS own
  FROM white_space_frame AS f
  INNER JOIN customers AS c ON c.account_id = f.account_id
  LEFT JOIN owning AS n
    ON n.basis = 'segment_and_industry' AND n.segment = c.segment AND n.industry = c.industry
    AND n.product_id = f.anchor_product_id
  LEFT JOIN owners AS o ON o.account_id = f.account_id AND o.product_id = f.product_id
  WHERE f.anchor_product_id <> f.product_id
), counted AS (
  SELECT
    c.account_id,
    c.business_unit,
    c.product_id,
    c.basis,
    k.accounts - 1 AS customers,
    n.accounts - 1 AS anchor_owners,
    COALESCE(o.accounts, 0) - c.own AS product_owners,
    -- An account that owns the anchor and, in another unit, the product stands among those that own both.
    COALESCE(b.accounts, 0) - c.own AS both_owners
  FROM cells AS c
  INNER JOIN kinds AS k
    ON k.basis = c.basis AND k.segment = c.segment
    AND k.industry = CASE WHEN c.basis = 'segment' THEN '' ELSE c.industry END
  INNER JOIN owning AS n
    ON n.basis = c.basis AND n.segment = c.segment AND n.product_id = c.anchor_product_id
    AND n.industry = CASE WHEN c.basis = 'segment' THEN '' ELSE c.industry END
  LEFT JOIN owning AS o
    ON o.basis = c.basis AND o.segment = c.segment AND o.product_id = c.product_id
    AND o.industry = CASE WHEN c.basis = 'segment' THEN '' ELSE c.industry END
  LEFT JOIN owning_both AS b
    ON b.basis = c.basis AND b.segment = c.segment AND b.anchor_product_id = c.anchor_product_id
    AND b.product_id = c.product_id AND b.industry = CASE WHEN c.basis = 'segment' THEN '' ELSE c.industry END
)
SELECT
  account_id,
  business_unit,
  product_id,
  anchor_owners AS peers,
  both_owners AS peer_owners,
  CAST(both_owners AS DOUBLE) / NULLIF(CAST(anchor_owners AS DOUBLE), 0) AS peers_owning,
  CAST(both_owners * customers AS DOUBLE) / NULLIF(CAST(anchor_owners * product_owners AS DOUBLE), 0) AS peers_lift,
  anchor_owners < 20 AS peers_few,
  basis AS peers_basis
FROM counted
