import { entries } from './define.ts';

/** ODTM-2xxx: starting, steering and looking at runs. */
export const runErrors = entries({
  RUN_ALREADY_RUNNING: {
    code: 'ODTM-2001',
    message: 'Operation {operation} is already running in environment {environment} as run {run}.',
    remedy: 'Watch it with "odtm show {run} --follow", or stop it with "odtm halt {run}".',
    exitCode: 4,
    httpStatus: 409,
    retry: 'final',
  },
  OPERATION_UNKNOWN: {
    code: 'ODTM-2002',
    message: 'There is no operation {operation} in the repository.',
    remedy:
      'List the operations with "odtm operations", or apply their definitions with "odtm apply".',
    exitCode: 2,
    httpStatus: 404,
    retry: 'final',
  },
  ENVIRONMENT_UNKNOWN: {
    code: 'ODTM-2003',
    message: 'There is no environment {environment} in the repository.',
    remedy: 'Known environments: {known}.',
    exitCode: 2,
    httpStatus: 404,
    retry: 'final',
  },
  RUN_UNKNOWN: {
    code: 'ODTM-2004',
    message: 'There is no run {run}.',
    remedy: 'List the runs with "odtm runs".',
    exitCode: 2,
    httpStatus: 404,
    retry: 'final',
  },
  NOTHING_TO_RUN_ON: {
    code: 'ODTM-2005',
    message:
      'Operation {operation} has no enabled instance in environment {environment}: {reasons}.',
    remedy:
      'Enable an instance, the operation or the environment in the definitions, and apply them.',
    exitCode: 2,
    httpStatus: 409,
    retry: 'final',
  },
  VARIANT_UNKNOWN: {
    code: 'ODTM-2006',
    message: 'Operation {operation} has no enabled variant {variant}.',
    remedy: 'Known variants: {known}.',
    exitCode: 2,
    httpStatus: 404,
    retry: 'final',
  },
  INSTANCE_NOT_IN_RUN: {
    code: 'ODTM-2007',
    message: 'Instance {instance} takes no part here: {reason}.',
    remedy: 'Instances that do: {known}.',
    exitCode: 2,
    httpStatus: 404,
    retry: 'final',
  },
  RUN_ENDED: {
    code: 'ODTM-2008',
    message: 'Run {run} has already ended as {status}.',
    remedy: 'Start a new run with "odtm run".',
    exitCode: 2,
    httpStatus: 409,
    retry: 'final',
  },
  NOT_SKIPPABLE: {
    code: 'ODTM-2009',
    message: 'On {instance} run {run} has nothing to skip or to resolve: {reason}.',
    remedy:
      'Look at the stream with "odtm show {run}"; only a failed or doubtful task can be decided.',
    exitCode: 2,
    httpStatus: 409,
    retry: 'final',
  },
  VARIANT_OF_UNFINISHED_RUN: {
    code: 'ODTM-2010',
    message:
      'Run {run} of operation {operation} in {environment} is unfinished with variant {variant}.',
    remedy: 'Continue it with that variant, or end it with "odtm cancel {run}".',
    exitCode: 2,
    httpStatus: 409,
    retry: 'final',
  },
  INSTANCE_UNKNOWN: {
    code: 'ODTM-2011',
    message: 'There is no instance {instance} in the repository.',
    remedy: 'Known instances: {known}.',
    exitCode: 2,
    httpStatus: 404,
    retry: 'final',
  },
  RUN_CANCELLING: {
    code: 'ODTM-2012',
    message: 'Run {run} of operation {operation} in {environment} is being cancelled.',
    remedy:
      'Let "odtm cancel {run}" end first (it runs the final that is due); then start a new run.',
    exitCode: 2,
    httpStatus: 409,
    retry: 'final',
  },
});
