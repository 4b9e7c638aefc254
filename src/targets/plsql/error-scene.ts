/** What is known about a statement when it fails. */
export interface ErrorScene {
  /** We have asked the server to cancel it. */
  readonly cancelAsked?: boolean;
  /** The statement that the framework was executing. */
  readonly statement?: string | null;
}

/** Numbers that the framework raises by raise_application_error, without their sign. */
export const RAISED = {
  complete: 20100,
  nothingToPerform: 20007,
  missingParameter: 20115,
  fenced: 20409,
  inDoubt: 20410,
} as const;
