/*---
scope: subscription
needs: [implementations]
signals:
  rollouts_not_live:
    unit: count
    label: "roll-outs of it running, none live"
    counts: implementations
    meaning: >
      Roll-outs of this product at the account that began, where none of them is live yet; zero as soon as one is, so that
      a second site does not count.
    unknown_when: implementations are missing or their feed is stale
---*/
SELECT
  p.account_id,
  p.business_unit,
  p.product_id,
  CASE WHEN COUNT(i.live_on) > 0 THEN 0 ELSE COUNT(*) END AS rollouts_not_live
FROM positions AS p
INNER JOIN implementations AS i
  ON i.account_id = p.account_id AND i.product_id = p.product_id
  AND (i.business_unit = p.business_unit OR i.business_unit = '' OR p.business_unit = '')
GROUP BY p.account_id, p.business_unit, p.product_id
