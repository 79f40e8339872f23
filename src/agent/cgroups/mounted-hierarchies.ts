/** A mounted file system of cgroups. */
export interface MountedHierarchy {
  readonly version: 1 | 2;
  readonly path: string;
  /** Of version 1; those of version 2 are told by its files. */
  readonly controllers: readonly string[];
}

/** The hierarchies of cgroups in the text of /proc/self/mountinfo. */
export function parseMountinfo(text: string): MountedHierarchy[] {
  return text.split('\n').flatMap((line): MountedHierarchy[] => {
    const [mount = '', filesystem = ''] = line.split(' - ');
    const path = unescape(mount.split(' ')[4] ?? '');
    const [type, , options = ''] = filesystem.split(' ');
    if (type === 'cgroup') return [{ version: 1, path, controllers: options.split(',') }];
    return type === 'cgroup2' ? [{ version: 2, path, controllers: [] }] : [];
  });
}

/** The path of a process in the hierarchy of version 2, from the text of its /proc/…/cgroup; `/` when it has none. */
export function parseOwnCgroup(text: string): string {
  return /^0::(\/.*)$/m.exec(text)?.[1] ?? '/';
}

/** The kernel writes blanks and backslashes of a path as three octal digits. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
