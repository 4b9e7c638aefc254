-- Package code by its content; every version is kept, because old runs name it and may still need it.

CREATE TABLE odtm.package_content (
  sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  text text NOT NULL
);
COMMENT ON TABLE odtm.package_content IS 'Texts of package files, each kept once.';
COMMENT ON COLUMN odtm.package_content.sha256 IS 'Hex SHA-256 of the text.';
COMMENT ON COLUMN odtm.package_content.text IS 'The file as it was applied.';

CREATE TABLE odtm.package_version (
  name text NOT NULL CHECK (name <> ''),
  engine text NOT NULL CHECK (engine IN ('postgres', 'oracle', 'mariadb')),
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  is_current boolean NOT NULL,
  first_applied_at timestamptz NOT NULL DEFAULT now(),
  first_applied_by text NOT NULL,
  PRIMARY KEY (name, engine, sha256)
);
CREATE UNIQUE INDEX package_version_current ON odtm.package_version (name, engine) WHERE is_current;
COMMENT ON TABLE odtm.package_version IS 'Every version of every package that was ever applied.';
COMMENT ON COLUMN odtm.package_version.name IS 'Name of the package.';
COMMENT ON COLUMN odtm.package_version.engine IS 'The engine that it is written for.';
COMMENT ON COLUMN odtm.package_version.sha256 IS
  'Hex SHA-256 over paths, roles and contents of its files.';
COMMENT ON COLUMN odtm.package_version.is_current IS 'Whether new runs take this version.';
COMMENT ON COLUMN odtm.package_version.first_applied_at IS 'When it was first applied.';
COMMENT ON COLUMN odtm.package_version.first_applied_by IS 'Who first applied it.';

CREATE TABLE odtm.package_version_file (
  name text NOT NULL,
  engine text NOT NULL,
  version_sha256 text NOT NULL,
  path text NOT NULL,
  role text NOT NULL CHECK (role IN ('state', 'code')),
  content_sha256 text NOT NULL REFERENCES odtm.package_content,
  PRIMARY KEY (name, engine, version_sha256, path),
  FOREIGN KEY (name, engine, version_sha256) REFERENCES odtm.package_version
);
COMMENT ON TABLE odtm.package_version_file IS 'The files of each version of a package.';
COMMENT ON COLUMN odtm.package_version_file.name IS 'Name of the package.';
COMMENT ON COLUMN odtm.package_version_file.engine IS 'The engine that it is written for.';
COMMENT ON COLUMN odtm.package_version_file.version_sha256 IS 'The version.';
COMMENT ON COLUMN odtm.package_version_file.path IS
  'Path of the file, relative to the engine''s folder.';
COMMENT ON COLUMN odtm.package_version_file.role IS
  'state: creates tables where missing; code: replaced as a whole.';
COMMENT ON COLUMN odtm.package_version_file.content_sha256 IS 'Its text.';
