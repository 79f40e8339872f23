import { openSync, readdirSync, readFileSync } from 'node:fs';
import type { IOType } from 'node:child_process';

const O_CLOEXEC = 0o2000000;
const FIRST_UNNAMED = 3;

/** What a child gets in the place of a descriptor that its parent would leave open in it. */
type Stdio = IOType | number;

let standIns: readonly Stdio[] | undefined;

/**
 * The descriptors from 3 on for a child's `stdio`. Node opens its own so that no child gets them, but whoever started
 * this process may have left others open, and those pass through to every child: there the child gets /dev/null.
 * Looked up once, since none come later. Linux only; elsewhere the list is empty.
 */
export function descriptorStandIns(): readonly Stdio[] {
  standIns ??= makeStandIns(process.platform === 'linux' ? inheritableDescriptors() : []);
  return standIns;
}

function makeStandIns(descriptors: readonly number[]): readonly Stdio[] {
  if (descriptors.length === 0) return [];
  const nowhere = openSync('/dev/null', 'r+');
  const length = Math.max(...descriptors) - FIRST_UNNAMED + 1;
  return Array.from({ length }, (_, index) =>
    descriptors.includes(index + FIRST_UNNAMED) ? nowhere : 'ignore',
  );
}

function inheritableDescriptors(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd >= FIRST_UNNAMED && isInheritable(fd));
}

/** The descriptor by which the list was read is gone by now. */
function isInheritable(fd: number): boolean {
  try {
    const [, flags] = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false;
  }
}
