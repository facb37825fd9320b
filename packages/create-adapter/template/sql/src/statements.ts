// Every statement that is sent. They are PostgreSQL's; another database needs other words for the same.

/** The tables, for whoever sets up the database. `names_revision` never gives a number twice: no revision comes again. */
export const schema: string = `
  CREATE TABLE contents (address text PRIMARY KEY, bytes bytea NOT NULL);
  CREATE SEQUENCE names_revision;
  CREATE TABLE names (name text PRIMARY KEY, content bytea NOT NULL, revision bigint NOT NULL);
`;

export const putContent: string =
  "INSERT INTO contents (address, bytes) VALUES ($1, $2) ON CONFLICT (address) DO NOTHING";
export const getContent: string = "SELECT bytes FROM contents WHERE address = $1";
export const hasContent: string = "SELECT 1 FROM contents WHERE address = $1";
export const deleteContent: string = "DELETE FROM contents WHERE address = $1";
export const listContents: string =
  "SELECT address FROM contents WHERE address > $1 ORDER BY address LIMIT 500";

/** Both give a row only if the name held what was expected: the database compares and sets in one step. */
export const createName: string =
  "INSERT INTO names (name, content, revision) VALUES ($1, $2, nextval('names_revision')) " +
  "ON CONFLICT (name) DO NOTHING RETURNING revision";
export const updateName: string =
  "UPDATE names SET content = $2, revision = nextval('names_revision') " +
  "WHERE name = $1 AND revision = $3 RETURNING revision";
/** No content travels to a caller who has it already. */
export const resolveName: string =
  "SELECT CASE WHEN revision = $2 THEN NULL ELSE content END AS content, revision FROM names WHERE name = $1";
