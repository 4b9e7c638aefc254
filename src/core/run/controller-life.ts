/** A controller whose last beat is older is dead. */
export const CONTROLLER_ALIVE_MS = 10_000;
