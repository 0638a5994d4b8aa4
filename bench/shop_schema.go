package bench

// shopTables are the tables of the web shop. Each has something that a
// migration must get right, and all of it is in use in real applications: keys
// that are UUIDs in three forms, times in four, truth values, money, JSON,
// generated columns, STRICT and WITHOUT ROWID tables.
//
// The generated columns compute with integers and texts only: a REAL sum such
// as 10.1 + 20.2 has other digits than the same sum of Postgres' numeric.
const shopTables = `
CREATE TABLE categories (
  id        INTEGER PRIMARY KEY,
  parent_id INTEGER REFERENCES categories(id) ON DELETE SET NULL,
  slug      VARCHAR(80) NOT NULL UNIQUE,
  name      VARCHAR(80) NOT NULL,
  position  SMALLINT NOT NULL DEFAULT 0
);
CREATE TABLE users (
  id           CHAR(36) PRIMARY KEY NOT NULL,
  email        VARCHAR(254) COLLATE NOCASE NOT NULL UNIQUE,
  full_name    TEXT NOT NULL,
  is_active    BOOLEAN NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  is_staff     BOOLEAN NOT NULL DEFAULT 0,
  credit       DECIMAL(10,2) NOT NULL DEFAULT 0,
  preferences  JSON,
  birthday     DATE,
  created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_login   DATETIME,
  email_domain TEXT GENERATED ALWAYS AS (lower(substr(email, instr(email, '@') + 1))) VIRTUAL
);
CREATE TABLE addresses (
  id         CHAR(32) PRIMARY KEY NOT NULL,
  user_id    CHAR(36) NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  kind       VARCHAR(10) NOT NULL CHECK (kind IN ('billing', 'shipping')),
  is_default BOOLEAN NOT NULL DEFAULT 0,
  street     VARCHAR(120) NOT NULL,
  postcode   VARCHAR(12) NOT NULL,
  city       VARCHAR(80) NOT NULL,
  country    CHAR(2) NOT NULL CHECK (length(country) = 2),
  created_at TIMESTAMP NOT NULL
);
CREATE TABLE sessions (
  id         BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
  user_id    CHAR(36) NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  ip         VARCHAR(45) NOT NULL,
  user_agent TEXT,
  started_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  CHECK (expires_at > started_at)
) WITHOUT ROWID;
CREATE TABLE products (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  sku         VARCHAR(20) NOT NULL UNIQUE,
  category_id INTEGER NOT NULL REFERENCES categories(id),
  name        VARCHAR(200) NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  price       DECIMAL(10,2) NOT NULL CHECK (price >= 0),
  cost        DECIMAL(10,2),
  weight_kg   REAL,
  attributes  TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(attributes)),
  thumbnail   BLOB,
  active      BOOLEAN NOT NULL DEFAULT TRUE,
  created_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at  DATETIME
);
CREATE TABLE tags (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE
);
CREATE TABLE product_tags (
  product_id INTEGER NOT NULL REFERENCES products(id) ON DELETE CASCADE,
  tag_id     INTEGER NOT NULL REFERENCES tags(id) ON DELETE CASCADE,
  PRIMARY KEY (product_id, tag_id)
) WITHOUT ROWID;
CREATE TABLE inventory (
  warehouse  CHAR(3) NOT NULL,
  product_id INTEGER NOT NULL REFERENCES products(id),
  on_hand    INTEGER NOT NULL DEFAULT 0 CHECK (on_hand >= 0),
  counted_on DATE,
  PRIMARY KEY (warehouse, product_id)
) WITHOUT ROWID;
CREATE TABLE orders (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  number         TEXT NOT NULL UNIQUE,
  user_id        CHAR(36) NOT NULL REFERENCES users(id),
  ship_to        CHAR(32) REFERENCES addresses(id) ON DELETE SET NULL,
  status         VARCHAR(12) NOT NULL CHECK (status IN ('draft', 'placed', 'paid', 'shipped', 'cancelled')),
  currency       CHAR(3) NOT NULL DEFAULT 'EUR',
  subtotal_cents INTEGER NOT NULL,
  shipping_cents INTEGER NOT NULL DEFAULT 0,
  total_cents    INTEGER GENERATED ALWAYS AS (subtotal_cents + shipping_cents) STORED,
  gift           BOOLEAN NOT NULL DEFAULT 0,
  note           TEXT,
  metadata       JSON,
  placed_at      DATETIME NOT NULL
);
CREATE TABLE order_items (
  order_id   INTEGER NOT NULL REFERENCES orders(id) ON DELETE CASCADE,
  line_no    SMALLINT NOT NULL,
  product_id INTEGER NOT NULL REFERENCES products(id),
  quantity   INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
  unit_price DECIMAL(10,2) NOT NULL,
  PRIMARY KEY (order_id, line_no)
);
CREATE TABLE returns (
  id       INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL,
  line_no  SMALLINT NOT NULL,
  reason   TEXT,
  opened   DATE NOT NULL,
  FOREIGN KEY (order_id, line_no) REFERENCES order_items(order_id, line_no) ON DELETE CASCADE
);
CREATE TABLE payments (
  id           TEXT PRIMARY KEY NOT NULL,
  order_id     INTEGER NOT NULL REFERENCES orders(id),
  provider     TEXT NOT NULL,
  amount_cents INTEGER NOT NULL,
  fee          REAL,
  reference    ANY,
  signature    BLOB,
  succeeded    INTEGER NOT NULL DEFAULT 1 CHECK (succeeded IN (0, 1)),
  created_ms   INTEGER NOT NULL
) STRICT;
CREATE TABLE reviews (
  id         INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products(id) ON DELETE CASCADE,
  user_id    CHAR(36) NOT NULL REFERENCES users(id),
  rating     SMALLINT NOT NULL CHECK (rating BETWEEN 1 AND 5),
  title      VARCHAR(120),
  body       TEXT NOT NULL,
  verified   BOOLEAN NOT NULL DEFAULT 0,
  created_at DATETIME NOT NULL,
  UNIQUE (product_id, user_id)
);
CREATE TABLE settings (
  key   VARCHAR(64) PRIMARY KEY NOT NULL,
  value JSON NOT NULL
);
`

// shopAfter is made when the rows are in. The drafts that are deleted again
// leave sqlite_sequence ahead of the largest id: new orders must not reuse the
// numbers of deleted ones, in Postgres neither.
const shopAfter = `
CREATE INDEX users_active ON users(last_login) WHERE is_active = 1;
CREATE INDEX users_name ON users(lower(full_name));
CREATE UNIQUE INDEX addresses_default ON addresses(user_id, kind) WHERE is_default = 1;
CREATE INDEX sessions_user ON sessions(user_id);
CREATE INDEX products_category ON products(category_id, price DESC);
CREATE INDEX product_tags_tag ON product_tags(tag_id);
CREATE INDEX orders_user ON orders(user_id, placed_at DESC);
CREATE INDEX orders_open ON orders(placed_at) WHERE status = 'placed';
CREATE INDEX order_items_product ON order_items(product_id);
CREATE INDEX payments_order ON payments(order_id);

CREATE VIEW catalog AS
  SELECT p.id, p.sku, p.name, p.price, c.name AS category
  FROM products p JOIN categories c ON c.id = p.category_id
  WHERE p.active = 1;
CREATE VIEW bestsellers AS
  SELECT catalog.id, catalog.name, sum(i.quantity) AS sold
  FROM catalog JOIN order_items i ON i.product_id = catalog.id
  GROUP BY catalog.id, catalog.name
  HAVING sum(i.quantity) > 50;

CREATE VIRTUAL TABLE product_search USING fts5(name, description, content='products', content_rowid='id');
INSERT INTO product_search(product_search) VALUES ('rebuild');
CREATE TRIGGER product_search_insert AFTER INSERT ON products BEGIN
  INSERT INTO product_search(rowid, name, description) VALUES (new.id, new.name, new.description);
END;
CREATE TRIGGER product_search_delete AFTER DELETE ON products BEGIN
  INSERT INTO product_search(product_search, rowid, name, description)
  VALUES ('delete', old.id, old.name, old.description);
END;

WITH RECURSIVE draft(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM draft WHERE n < 40)
INSERT INTO orders(number, user_id, status, subtotal_cents, placed_at)
  SELECT 'DRAFT-' || n, (SELECT id FROM users LIMIT 1), 'draft', 0, 0 FROM draft;
DELETE FROM orders WHERE status = 'draft';
`
