-- whole division
SELECT CAST((a - a % b) / b AS BIGINT) AS x, CAST((CAST((CAST(c AS BIGINT) - CAST(c AS BIGINT) % 7) / 7 AS BIGINT) * 7 - CAST((CAST(c AS BIGINT) - CAST(c AS BIGINT) % 7) / 7 AS BIGINT) * 7 % 30) / 30 AS BIGINT) AS y, CAST(((a + b) - (a + b) % 2) / 2 AS BIGINT) AS z, a % b AS r FROM t;

-- a ratio
SELECT CAST(a AS DOUBLE) / NULLIF(CAST(b AS DOUBLE), 0) AS ratio FROM t;

-- days added
SELECT CAST(DATEADD(DAY, 5, d) AS DATE) AS x, CAST(DATEADD(DAY, -1, d) AS DATE) AS y FROM t;

-- days between
SELECT DATEDIFF(DAY, a, CAST('2026-01-31' AS DATE)) AS days FROM t WHERE d <= CAST('2026-01-31' AS DATE);

-- the place of nulls
SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST, c) AS n, LEAD(x) OVER (PARTITION BY a ORDER BY b, c DESC NULLS LAST) AS l FROM t ORDER BY a;

-- sums so far
SELECT SUM(x) OVER (PARTITION BY a ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS s, MAX(x) OVER (PARTITION BY a ORDER BY b) AS m FROM t;

-- the first of each
SELECT * FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) = 1;

-- some and all
SELECT BOOLOR_AGG(a > 1) AS b, BOOLAND_AGG(x) AS c, COUNT_IF(x) AS f, COUNT(DISTINCT IFF(b, a, NULL)) AS g FROM t GROUP BY q;

-- decimals
SELECT CAST(x AS DECIMAL(18, 4)) AS y, FLOOR(CAST(c AS DECIMAL(18, 0)) * 0.0001 + 0.5) AS z FROM t;

-- text
SELECT CAST(a AS VARCHAR) || ' it\'s \\ ' || b AS w, LOWER(a) AS l FROM t WHERE a LIKE 'x%';

-- a part of a text
SELECT LOWER(REGEXP_SUBSTR(TRIM(a), '^(?:www\\.)?([^/:\\s]+)', 1, 1, 'c', 1)) AS host FROM t;

-- no row at all
SELECT CAST(NULL AS BIGINT) AS a, CAST(NULL AS VARCHAR) AS b WHERE FALSE;

-- an unnamed subquery
SELECT a FROM (SELECT a FROM t) WHERE NOT a IS NULL;

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

