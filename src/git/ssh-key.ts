import { createHash } from 'node:crypto';

/** A key that ssh can use unattended, or why it cannot. */
export type SshKeyCheck =
  | { readonly kind: 'USABLE'; readonly fingerprint: string }
  | { readonly kind: 'REFUSED'; readonly reason: string };

const ARMOUR =
  /^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END OPENSSH PRIVATE KEY-----\n$/;
const MAGIC = Buffer.from('openssh-key-v1\0');

/** A private key as ssh-add takes it: line ends of Unix, the last one included. */
export function normaliseSshKey(text: string): string {
  return `${text.replaceAll('\r\n', '\n').trim()}\n`;
}

/** Reads a normalised private key in OpenSSH's form; the fingerprint is that of its public half. */
export function checkSshKey(text: string): SshKeyCheck {
  const body = ARMOUR.exec(text)?.[1];
  if (body === undefined) {
    return refused('it is no private key in OpenSSH form (ssh-keygen -p -f FILE turns other forms into it)');
  }
  const bytes = Buffer.from(body, 'base64');
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return refused('it is no private key of version 1');
  // Cipher, key derivation, its options; then how many keys there are, and their public halves.
  const [cipher, afterCipher] = readString(bytes, MAGIC.length);
  const [, afterName] = readString(bytes, afterCipher);
  const [, afterOptions] = readString(bytes, afterName);
  const [publicKey] = readString(bytes, afterOptions + 4);
  if (cipher?.toString() !== 'none') {
    return refused('it has a passphrase, and nobody is there to type it (ssh-keygen -p takes it off)');
  }
  if (publicKey === undefined || publicKey.length === 0) return refused('it is cut off');
  return { kind: 'USABLE', fingerprint: fingerprintOf(publicKey) };
}

/** As `ssh-keygen -l` prints it. */
function fingerprintOf(publicKey: Buffer): string {
  return `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`;
}

/** A string with its length in front, and where the next one begins; undefined behind the end. */
function readString(bytes: Buffer, at: number): [Buffer | undefined, number] {
  if (at + 4 > bytes.length) return [undefined, bytes.length];
  const end = at + 4 + bytes.readUInt32BE(at);
  return end > bytes.length ? [undefined, bytes.length] : [bytes.subarray(at + 4, end), end];
}

function refused(reason: string): SshKeyCheck {
  return { kind: 'REFUSED', reason };
}
