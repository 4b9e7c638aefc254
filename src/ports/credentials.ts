/** Reads what a credential reference stands for. */
export interface Credentials {
  /**
   * The secret behind `env:NAME`, `file:PATH` or `exec:COMMAND`.
   * @throws OdtmError CREDENTIAL_UNAVAILABLE; its text never holds the secret or the command's output
   */
  resolve(reference: string, owner: string): Promise<string>;
}
