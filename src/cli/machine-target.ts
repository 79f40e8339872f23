const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'i686' };

/** This machine's platform as a target, such as `x86_64-linux`. */
export function machineTarget(): string {
  return `${ARCHITECTURES[process.arch] ?? process.arch}-${process.platform}`;
}
