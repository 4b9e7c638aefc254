import { entries } from './define.ts';

/** ODTM-3xxx: target databases. */
export const targetErrors = entries({
  TARGET_UNREACHABLE: {
    code: 'ODTM-3001',
    message: 'Instance {instance} at {address} cannot be reached: {reason}.',
    remedy: 'Check address, network and server with "odtm check", then run the same command again.',
    exitCode: 1,
    httpStatus: 502,
    retry: 'retryable',
  },
  CREDENTIAL_UNAVAILABLE: {
    code: 'ODTM-3002',
    message: 'The credential {reference} of {owner} cannot be read: {reason}.',
    remedy:
      'Provide it as the reference says (env:NAME, file:PATH or exec:COMMAND) to the controller.',
    exitCode: 1,
    httpStatus: 502,
    retry: 'retryable',
  },
  PACKAGE_MISSING: {
    code: 'ODTM-3003',
    message: 'Package {package} has no files for engine {engine}, which instance {instance} needs.',
    remedy: 'Add packages/{package}/{engine}/*.sql and apply the definitions.',
    exitCode: 2,
    httpStatus: 409,
    retry: 'final',
  },
  PACKAGE_INSTALL_FAILED: {
    code: 'ODTM-3004',
    message: 'Package {package} cannot be installed on {instance}: {file}:{line}: {reason}',
    remedy:
      'Correct the file, apply the definitions and run the same command again; nothing was installed.',
    exitCode: 1,
    httpStatus: 422,
    retry: 'final',
  },
  DRIFT_FOUND: {
    code: 'ODTM-3005',
    message: 'On {instance} somebody changed what ODTM had installed: {routines}.',
    remedy: 'Keep the change by adding it to the package files, or reinstall with --accept-drift.',
    exitCode: 1,
    httpStatus: 409,
    retry: 'final',
  },
  PRIVILEGE_MISSING: {
    code: 'ODTM-3006',
    message: 'Role {role} on {instance} lacks a privilege: {privilege}.',
    remedy: 'Run the bootstrap script of "odtm client-script" as a DBA of that instance.',
    exitCode: 1,
    httpStatus: 403,
    retry: 'final',
  },
  STREAM_FENCED: {
    code: 'ODTM-3007',
    message:
      'Another controller has taken over this stream on {instance} (attempt {attempt} is over).',
    remedy: 'Nothing: the newer attempt goes on; this session stopped without an effect.',
    exitCode: 1,
    httpStatus: 409,
    retry: 'final',
  },
  UNIT_IN_DOUBT: {
    code: 'ODTM-3008',
    message: 'It cannot be told whether {unit} took effect on {instance}: {reason}.',
    remedy:
      'Look at the database and say it with "odtm resolve": --as done, or --as again; or give done_when.',
    exitCode: 1,
    httpStatus: 409,
    retry: 'final',
  },
  // ODTM-3009 was of engines without an adapter: every engine has one now. The number is not used again.
  UNINSTALL_REFUSED: {
    code: 'ODTM-3010',
    message: 'Instance {instance} still holds the record of unfinished work: {streams}.',
    remedy: 'Complete or cancel these runs first, or give --force to lose their record.',
    exitCode: 2,
    httpStatus: 409,
    retry: 'final',
  },
  VERSION_UNSUPPORTED: {
    code: 'ODTM-3011',
    message: 'Instance {instance} runs {version}; the oldest version that is served is {oldest}.',
    remedy: 'Upgrade the server, or disable the instance.',
    exitCode: 1,
    httpStatus: 422,
    retry: 'final',
  },
  LOGIN_REFUSED: {
    code: 'ODTM-3012',
    message: 'Instance {instance} at {address} does not let {role} in: {reason}.',
    remedy:
      'Correct user, credential or database of the instance, or what its server allows; "odtm check" tells.',
    exitCode: 1,
    httpStatus: 502,
    retry: 'final',
  },
  PREVIEW_UNSUPPORTED: {
    code: 'ODTM-3013',
    message:
      'Nothing can be previewed on {instances}: what runs on engine {engine} cannot be taken back.',
    remedy:
      'Run it for real on a copy of the database, or preview it with --only-instances on other engines.',
    exitCode: 2,
    httpStatus: 422,
    retry: 'final',
  },
});
