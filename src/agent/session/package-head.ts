import { type PackageHead, PROTOCOL_VERSION } from '../../protocol/messages.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads the head of a package whose signature is good; a text says why it cannot be used. */
export function readHead(text: string): PackageHead | string {
  const head = parseJson(text) as PackageHead | undefined | null;
  if (typeof head !== 'object' || head === null) return 'its head is no JSON object';
  if (head.version !== PROTOCOL_VERSION) return `its head has version ${String(head.version)}`;
  const wrong = Object.entries(expectations).find(([, isRight]) => !isRight(head));
  return wrong ? `its head has no usable ${wrong[0]}` : head;
}

/** The build id names directories, so that it must be what it says. */
const expectations: Readonly<Record<string, (head: PackageHead) => boolean>> = {
  build: ({ build }) => UUID.test(build),
  job: ({ job }) => isText(job),
  attempt: ({ attempt }) => Number.isSafeInteger(attempt),
  worker: ({ worker }) => isText(worker),
  slot: ({ slot }) => Number.isSafeInteger(slot) && slot >= 0,
  repo: ({ repo }) => isText(repo),
  project: ({ project }) => isText(project),
  number: ({ number }) => Number.isSafeInteger(number),
  target: ({ target }) => isText(target),
  event: ({ event }) => isText(event),
  branch: ({ branch }) => branch === null || isText(branch),
  checkout: ({ checkout }) =>
    isText(checkout?.url) && isText(checkout.commit) && (checkout.ref === null || isText(checkout.ref)),
  deadlines: ({ deadlines }) =>
    [deadlines?.prepareMs, deadlines?.runMs, deadlines?.cancelGraceMs].every(isDuration),
};

/** Text that a process can be given. */
function isText(value: unknown): boolean {
  return typeof value === 'string' && !value.includes('\0');
}

/** Timers of Node hold 2³¹−1 ms, 24 days; longer ones would fire at once. */
function isDuration(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < 2 ** 31;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller drops the package and says why.
  }
}
