/** Where a repository is, in the few ways that are allowed; `url` is what git is called with. */
export type GitUrl = { readonly kind: 'local'; readonly url: string; readonly path: string } | RemoteUrl;

/** A repository on a server. */
export type RemoteUrl =
  | { readonly kind: 'https'; readonly url: string; readonly host: string; readonly port: number }
  | {
      readonly kind: 'ssh';
      readonly url: string;
      readonly user: string;
      readonly host: string;
      readonly port: number;
    };

/** For messages: what {@link readGitUrl} takes. */
export const GIT_URL_EXPECTED =
  'an absolute path, file:///path, https://host/path, ssh://user@host/path or user@host:path';

/** A name or IPv4 address, or an IPv6 address in brackets. */
const HOST = String.raw`(?<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])`;
const USER = String.raw`(?<user>[A-Za-z0-9_][A-Za-z0-9._-]*)`;
const PORT = String.raw`(?::(?<port>[1-9]\d{0,4}))?`;
/** Nothing of which programs disagree where a host or a path ends. */
const PATH = String.raw`[^\s?#\\]+`;

const HTTPS = new RegExp(`^https://${HOST}${PORT}/${PATH}$`);
const SSH = new RegExp(`^ssh://${USER}@${HOST}${PORT}/${PATH}$`);
const SCP = new RegExp(`^${USER}@${HOST}:(?![-:])${PATH}$`);
/** git decodes these; a line end has been a way into credential helpers. */
const ENCODED_CONTROL = /%(?:0[0-9a-f]|1[0-9a-f]|7f)/i;

/**
 * Reads a URL that git may be called with; undefined for everything else: git would take an option, a command (`ext::`)
 * or another program's protocol just as gladly. Credentials have a place of their own, and stand in no URL.
 */
export function readGitUrl(url: string): GitUrl | undefined {
  if (/[\x00-\x1f\x7f]/.test(url)) return undefined;
  if (url.startsWith('/')) return url.startsWith('//') ? undefined : { kind: 'local', url, path: url };
  if (ENCODED_CONTROL.test(url)) return undefined;
  if (/^file:\/\/\/[^/]/.test(url)) return { kind: 'local', url, path: url.slice('file://'.length) };
  const https = HTTPS.exec(url)?.groups;
  if (https !== undefined) return remote({ kind: 'https', url, defaultPort: 443 }, https);
  const ssh = (SSH.exec(url) ?? SCP.exec(url))?.groups;
  return ssh === undefined ? undefined : remote({ kind: 'ssh', url, defaultPort: 22 }, ssh);
}

/** The server of a URL, by which credentials are bound; all paths of the machine have one origin. */
export function originOf(url: GitUrl): string {
  switch (url.kind) {
    case 'local':
      return 'file:';
    case 'https':
      return `https://${url.host}:${url.port}`;
    case 'ssh':
      return `ssh://${url.user}@${url.host}:${url.port}`;
  }
}

function remote(
  { kind, url, defaultPort }: { kind: 'https' | 'ssh'; url: string; defaultPort: number },
  groups: Readonly<Record<string, string | undefined>>,
): GitUrl | undefined {
  const host = (groups.host ?? '').toLowerCase();
  const port = groups.port === undefined ? defaultPort : Number(groups.port);
  if (!isPlainHost(host) || port > 65_535) return undefined;
  return kind === 'https' ? { kind, url, host, port } : { kind, url, user: groups.user ?? '', host, port };
}

/** Refuses the odd forms of an address (`2130706433`, `0x7f.1`, `127.1`): what is checked must be what is meant. */
function isPlainHost(host: string): boolean {
  const url = `https://${host}/`;
  return URL.canParse(url) && new URL(url).hostname === host;
}
