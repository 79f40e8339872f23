/** `[@marker] hosts key-type base64 [comment]`, as ssh-keyscan prints it. */
const LINE =
  /^(?:@(?:cert-authority|revoked)\s+)?\S+\s+(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+\s+[A-Za-z0-9+/]{20,}={0,3}(?:\s.*)?$/;

/** Known hosts with line ends of Unix, the last one included. */
export function normaliseKnownHosts(text: string): string {
  return `${text.replaceAll('\r\n', '\n').trim()}\n`;
}

/** Why a normalised text is no list of known hosts; undefined when it is one and names at least one key. */
export function refuseKnownHosts(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0) return 'it names no key';
  const bad = lines.findIndex((line) => !LINE.test(line));
  return bad < 0 ? undefined : `entry ${bad + 1} is none`;
}
