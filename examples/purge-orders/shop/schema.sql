-- The application that the example purges: one shop database. A superuser runs this.
-- The tables belong to app_owner; ODTM's role is a member of it (see "odtm client-script --owner").
CREATE SCHEMA app AUTHORIZATION app_owner;
SET ROLE app_owner;

CREATE TABLE app.orders (
  order_id    bigint        NOT NULL,
  ordered_on  date          NOT NULL,
  customer_id integer       NOT NULL,
  status      text          NOT NULL,
  amount      numeric(12,2) NOT NULL,
  reference   text          NOT NULL,
  PRIMARY KEY (order_id, ordered_on)
) PARTITION BY RANGE (ordered_on);
CREATE INDEX orders_customer ON app.orders (customer_id);

CREATE TABLE app.order_items (
  order_id bigint        NOT NULL,
  line_no  integer       NOT NULL,
  sku      text          NOT NULL,
  price    numeric(10,2) NOT NULL,
  PRIMARY KEY (order_id, line_no)
);

-- A case may hold a customer's orders of a period; several cases may hold the same order.
CREATE TABLE app.legal_hold (
  case_no     integer NOT NULL,
  customer_id integer NOT NULL,
  held_from   date    NOT NULL,
  held_until  date    NOT NULL,
  PRIMARY KEY (case_no, customer_id)
);
CREATE INDEX legal_hold_customer ON app.legal_hold (customer_id);

-- New orders come in through feeds. A feed that is off is refused, and its sender tries again later.
CREATE TABLE app.feed (
  name       text        PRIMARY KEY,
  enabled    boolean     NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO app.feed (name, enabled) VALUES ('orders', true);

CREATE FUNCTION app.refuse_when_feed_is_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (SELECT enabled FROM app.feed WHERE name = 'orders') THEN
    RAISE EXCEPTION 'the feed "orders" is off';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER orders_feed BEFORE INSERT ON app.orders
  FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_when_feed_is_off();

RESET ROLE;
