import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INSIDE, INSIDE_USER } from './inside.js';

const { name, uid, gid } = INSIDE_USER;

/** The files of /etc that say who and where a step is; they are made, since the machine's would tell of the machine. */
const FILES: Readonly<Record<string, string>> = {
  passwd: [
    `${name}:x:${uid}:${gid}:${name}:${INSIDE.home}:/bin/sh`,
    'root:x:0:0:root:/nonexistent:/bin/false',
    'nobody:x:65534:65534:nobody:/nonexistent:/bin/false',
  ].join('\n'),
  group: [`${name}:x:${gid}:`, 'root:x:0:', 'nogroup:x:65534:'].join('\n'),
  hosts: ['127.0.0.1 localhost build', '::1 localhost build'].join('\n'),
  hostname: 'build',
  'nsswitch.conf': ['passwd: files', 'group: files', 'hosts: files dns', 'services: files'].join('\n'),
};

/** Writes the files below `directory`; with the resolvers that the sandbox's network has. */
export async function writeIdentityFiles(directory: string, resolvConf: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const files = Object.entries({ ...FILES, 'resolv.conf': resolvConf });
  await Promise.all(files.map(([file, text]) => writeFile(join(directory, file), `${text}\n`)));
}

/** bwrap's words that put the files below `directory` into /etc. */
export function identityArguments(directory: string): string[] {
  return [...Object.keys(FILES), 'resolv.conf'].flatMap((file) => [
    '--ro-bind',
    join(directory, file),
    `/etc/${file}`,
  ]);
}
