import type { KnownPackages, KnownRoutine } from './routines.ts';

const HANDLE = { name: 'P_HANDLE', byDefault: null, type: 'VARCHAR2' };

function parameter(name: string, type: string, byDefault: string | null = null) {
  return { name, type, byDefault };
}

function procedure(name: string, parameters: KnownRoutine['parameters']): KnownRoutine {
  return { name, parameters: [HANDLE, ...parameters], returns: null, breaksFunctions: false };
}

function fn(name: string, returns: string, parameters: KnownRoutine['parameters']): KnownRoutine {
  return { name, parameters: [HANDLE, ...parameters], returns, breaksFunctions: false };
}

/** A parameter function, and its overload of the original DOM that names the object too. */
function parameterFunction(name: string, returns: string): KnownRoutine[] {
  const asked = parameter('P_NAME', 'VARCHAR2');
  return [
    fn(name, returns, [asked]),
    fn(name, returns, [parameter('P_OBJECT_NAME', 'VARCHAR2'), asked]),
  ];
}

/** Dynamic SQL: MariaDB runs none while a function is being evaluated. */
function dynamic(name: string, parameters: KnownRoutine['parameters']): KnownRoutine {
  return { ...procedure(name, parameters), breaksFunctions: true };
}

function ending(name: string, message: string): KnownRoutine {
  const parameters = [parameter('P_MESSAGE', 'VARCHAR2', `'${message}'`)];
  return { name, parameters, returns: null, breaksFunctions: false };
}

const SQL = parameter('P_SQL_STR', 'CLOB');

/** The framework as packages call it; on MariaDB a second overload is called `name$N`. */
export const DOM_INTERFACE: KnownPackages = {
  DOM: [
    procedure('INITIALISE', [
      parameter('P_MODULE', 'VARCHAR2', 'NULL'),
      parameter('P_ACTION', 'VARCHAR2', 'NULL'),
    ]),
    dynamic('EXECUTE_IMMEDIATE', [
      SQL,
      parameter('P_ALTER_SESSION', 'VARCHAR2', 'NULL'),
      parameter('P_DONE_WHEN', 'VARCHAR2', 'NULL'),
    ]),
    procedure('LOG_MESSAGE', [parameter('P_MESSAGE', 'CLOB')]),
    dynamic('SELECT_NUMBER', [SQL, parameter('P_VALUE', 'OUT NUMBER')]),
    dynamic('SELECT_DATE', [SQL, parameter('P_VALUE', 'OUT DATE')]),
    dynamic('SELECT_STRING', [SQL, parameter('P_VALUE', 'OUT VARCHAR2')]),
    fn('LAST_ROW_COUNT', 'NUMBER', []),
    ...parameterFunction('GET_STRING_PARAM', 'VARCHAR2'),
    ...parameterFunction('GET_NUM_PARAM', 'NUMBER'),
    ...parameterFunction('GET_DATE_PARAM', 'DATE'),
    ending('OPERATION_COMPLETE', 'nothing left to do'),
    ending('NOTHING_TO_PERFORM', 'nothing to perform'),
    fn('CHUNK_LOW', 'VARCHAR2', []),
    fn('CHUNK_HIGH', 'VARCHAR2', []),
  ],
};
