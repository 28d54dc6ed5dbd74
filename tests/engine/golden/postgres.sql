-- whole division
SELECT DIV(a, b) AS x, DIV(DIV(CAST(c AS BIGINT), 7) * 7, 30) AS y, DIV((a + b), 2) AS z, a % b AS r FROM t;

-- a ratio
SELECT CAST(a AS DOUBLE PRECISION) / NULLIF(CAST(b AS DOUBLE PRECISION), 0) AS ratio FROM t;

-- days added
SELECT CAST(d + INTERVAL '5 DAY' AS DATE) AS x, CAST(d - INTERVAL '1 DAY' AS DATE) AS y FROM t;

-- days between
SELECT (CAST('2026-01-31' AS DATE) - CAST(a AS DATE)) AS days FROM t WHERE d <= CAST('2026-01-31' AS DATE);

-- the place of nulls
SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST, c) AS n, LEAD(x) OVER (PARTITION BY a ORDER BY b, c DESC NULLS LAST) AS l FROM t ORDER BY a;

-- sums so far
SELECT SUM(x) OVER (PARTITION BY a ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS s, MAX(x) OVER (PARTITION BY a ORDER BY b) AS m FROM t;

-- the first of each
SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) AS _w FROM t) AS _t WHERE _w = 1;

-- some and all
SELECT BOOL_OR(a > 1) AS b, BOOL_AND(x) AS c, COUNT(*) FILTER(WHERE x) AS f, COUNT(DISTINCT a) FILTER(WHERE b) AS g FROM t GROUP BY q;

-- decimals
SELECT CAST(x AS DECIMAL(18, 4)) AS y, FLOOR(CAST(c AS DECIMAL(18, 0)) * 0.0001 + 0.5) AS z FROM t;

-- text
SELECT CAST(a AS TEXT) || ' it''s \ ' || b AS w, LOWER(a) AS l FROM t WHERE a LIKE 'x%';

-- a part of a text
SELECT LOWER(COALESCE(SUBSTRING(TRIM(a), '^(?:www\.)?([^/:\s]+)'), LEFT(TRIM(a), 0))) AS host FROM t;

-- no row at all
SELECT CAST(NULL AS BIGINT) AS a, CAST(NULL AS TEXT) AS b WHERE FALSE;

-- an unnamed subquery
SELECT a FROM (SELECT a FROM t) AS inner_rows WHERE NOT a IS NULL;

-- sets
SELECT a FROM t UNION SELECT a FROM u UNION ALL SELECT a FROM v;

-- inner relations
WITH a AS (
WITH parts AS (SELECT 1 AS x) SELECT * FROM parts
),
b AS (
WITH parts AS (SELECT 2 AS x) SELECT * FROM parts
)
SELECT a.x FROM a INNER JOIN b ON b.x > a.x;

