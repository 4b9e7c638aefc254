import { entries } from './define.ts';

/** ODTM-4xxx: the repository and its server. */
export const repositoryErrors = entries({
  REPOSITORY_UNREACHABLE: {
    code: 'ODTM-4001',
    message: 'The repository at {address} cannot be reached: {reason}.',
    remedy: 'Check the address (--repository or ODTM_REPOSITORY) and that the server runs.',
    exitCode: 1,
    httpStatus: 503,
    retry: 'retryable',
  },
  REPOSITORY_NEWER: {
    code: 'ODTM-4002',
    message: 'The repository has the migration {migration}, which this version does not know.',
    remedy: 'Use the newer version of odtm that migrated it.',
    exitCode: 2,
    httpStatus: 409,
    retry: 'final',
  },
  EMBEDDED_SERVER_FAILED: {
    code: 'ODTM-4003',
    message: 'The embedded server in {dataDir} did not {action}: {reason}',
    remedy: 'Read {logFile}; mend what it names, or choose another --data-dir.',
    exitCode: 1,
    httpStatus: 503,
    retry: 'final',
  },
  DEFINITIONS_CHANGED_MEANWHILE: {
    code: 'ODTM-4004',
    message:
      'The definitions in the repository changed since they were compared (revision {revision}).',
    remedy: 'Run "odtm plan" again and look at the difference before you apply it.',
    exitCode: 1,
    httpStatus: 409,
    retry: 'retryable',
  },
  DEFINITION_IN_USE: {
    code: 'ODTM-4005',
    message: 'The {definition} cannot be removed: the unfinished run {run} needs it.',
    remedy:
      'Complete the run or end it with "odtm cancel {run}", then apply again; or only disable it.',
    exitCode: 2,
    httpStatus: 409,
    retry: 'final',
  },
});
