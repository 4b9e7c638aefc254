import type { ExecuteRequest, ExecuteResult, Session } from '../../support/orawire/server.ts';

type Answer = (request: ExecuteRequest) => ExecuteResult | Promise<ExecuteResult>;

interface TableRow {
  readonly id: number;
  readonly name: unknown;
}

/** Scripted statements, and one table t (id, name) with transactions. */
export class ScriptedBackend {
  table: TableRow[] = [];
  /** Every execution, in order. */
  readonly log: ExecuteRequest[] = [];
  /** Sessions that were cancelled. */
  readonly breaks: number[] = [];
  private readonly undo = new Map<number, TableRow[]>();
  private readonly scripts: { readonly pattern: RegExp; readonly answer: Answer }[] = [];

  /** The script that was given last is tried first. */
  on(pattern: RegExp, answer: Answer): void {
    this.scripts.unshift({ pattern, answer });
  }

  last(): ExecuteRequest {
    const request = this.log.at(-1);
    if (request === undefined) throw new Error('Nothing has been executed.');
    return request;
  }

  async execute(request: ExecuteRequest): Promise<ExecuteResult> {
    this.log.push(request);
    const { sql, kind } = request;
    const script = this.scripts.find(({ pattern }) => pattern.test(sql));
    if (script !== undefined) return script.answer(request);
    if (/from dual/i.test(sql)) {
      return { columns: [{ name: 'DUMMY', type: 'VARCHAR2', size: 1 }], rows: [['X']] };
    }
    if (kind === 'query' && /from t\b/i.test(sql)) return this.select(request);
    if (kind === 'dml') return this.change(request);
    if (kind === 'ddl') return {};
    throw { code: 942, message: 'table or view does not exist', offset: sql.indexOf('nosuch') };
  }

  commit({ id }: Session): void {
    this.undo.delete(id);
  }

  rollback({ id }: Session): void {
    this.table = this.undo.get(id) ?? this.table;
    this.undo.delete(id);
  }

  private select({ describeOnly }: ExecuteRequest): ExecuteResult {
    return {
      columns: [
        { name: 'ID', type: 'NUMBER', precision: 9, scale: 0 },
        { name: 'NAME', type: 'VARCHAR2', size: 100 },
      ],
      rows: describeOnly ? [] : this.table.map(({ id, name }) => [id, name]),
    };
  }

  private change(request: ExecuteRequest): ExecuteResult {
    const { sql, session, commitOnSuccess } = request;
    if (!this.undo.has(session.id)) this.undo.set(session.id, [...this.table]);
    const rowsAffected = this.changed(sql, request);
    if (commitOnSuccess) this.undo.delete(session.id);
    return {
      rowsAffected,
      lastRowid: rowsAffected === 1 ? 'AAAR3sAAEAAAACXAAA' : undefined,
    };
  }

  private changed(sql: string, { binds }: ExecuteRequest): number {
    const bound = (name: string) => binds.find((bind) => bind.name === name)?.value;
    const before = this.table;
    if (/^insert into t/i.test(sql)) {
      const id = Number(bound('ID') ?? binds[0]?.value);
      if (before.some((row) => row.id === id)) {
        throw { code: 1, message: 'unique constraint (SCOTT.T_PK) violated' };
      }
      this.table = [...before, { id, name: bound('NAME') ?? binds[1]?.value ?? null }];
      return 1;
    }
    if (/^delete from t/i.test(sql)) {
      this.table = [];
      return before.length;
    }
    const isMeant = ({ id }: TableRow) => bound('ID') === undefined || id === bound('ID');
    const changed = before.map((row) => (isMeant(row) ? { ...row, name: bound('NAME') } : row));
    this.table = changed;
    return before.filter(isMeant).length;
  }
}
