import { entries } from './define.ts';

/** ODTM-5xxx: command lines, configuration and the program itself. */
export const usageErrors = entries({
  USAGE: {
    code: 'ODTM-5001',
    message: '{problem}',
    remedy: 'See "{help}".',
    exitCode: 2,
    httpStatus: 400,
    retry: 'final',
  },
  REPOSITORY_NOT_EMBEDDED: {
    code: 'ODTM-5002',
    message:
      'The repository is at {address}: not an embedded one that this command could {action}.',
    remedy: 'Leave out --repository and ODTM_REPOSITORY, or use the tools of that server.',
    exitCode: 2,
    httpStatus: 400,
    retry: 'final',
  },
  CONFIGURATION_INVALID: {
    code: 'ODTM-5003',
    message: '{name} is "{value}": {reason}.',
    remedy: 'Correct {name}, or leave it out for the default.',
    exitCode: 2,
    httpStatus: 400,
    retry: 'final',
  },
  INTERNAL: {
    code: 'ODTM-5999',
    message: 'An unexpected error: {reason}',
    remedy: 'Report it with the text above; running the same command again is safe.',
    exitCode: 1,
    httpStatus: 500,
    retry: 'final',
  },
});
