-- Ids of units and numbers of sessions: a sequence never goes back with a rollback.
CREATE SEQUENCE dom$seq START WITH 1 INCREMENT BY 1 CACHE 1000 NOCYCLE
/
