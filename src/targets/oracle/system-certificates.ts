import * as tls from 'node:tls';

let trusted = false;

/**
 * Node trusts the certificates that it brings along. Those that the system trusts, where a company has put
 * its own, come to them for the whole process, once somebody connects without a wallet.
 */
export function trustSystemCertificates(): void {
  if (trusted || !canTrustMore()) return;
  trusted = true;
  const all = [...tls.getCACertificates('default'), ...tls.getCACertificates('system')];
  tls.setDefaultCACertificates([...new Set(all)]);
}

/** Before 22.19 and 24.5 Node takes more certificates by NODE_EXTRA_CA_CERTS alone. */
export function canTrustMore(): boolean {
  return 'setDefaultCACertificates' in tls;
}
