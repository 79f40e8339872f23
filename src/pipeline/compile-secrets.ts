import type { CompiledSecret } from './compiled.js';
import type { Pipeline, PipelineSecret, PipelineStep } from './pipeline.js';
import { PipelineError } from './problems.js';

/**
 * The secrets that steps name, in the order of the names, each with the key of its owner. Throws a
 * {@link PipelineError} for a key that another repo or organisation owns.
 */
export function compileSecrets(
  pipeline: Pipeline,
  { steps, repo }: { readonly steps: readonly PipelineStep[]; readonly repo: string },
): readonly CompiledSecret[] {
  const names = new Set(steps.flatMap((step) => step.secrets.map(({ name }) => name)));
  const declared = new Map(pipeline.secrets.map((secret) => [secret.name, secret]));
  return [...names].sort().map((name) => {
    const secret = declared.get(name);
    return secret === undefined
      ? { name, type: 'repo', key: joined(repo, name) }
      : { name, type: secret.type, key: wholeKey(secret, repo) };
  });
}

function wholeKey(secret: PipelineSecret, repo: string): string {
  const { type, key } = secret;
  if (type === 'shared') return key;
  const owner = type === 'repo' ? repo : (repo.split('/')[0] ?? '');
  const slash = key.lastIndexOf('/');
  if (slash < 0) return joined(owner, key);
  // Names of repos differ by more than case; whoever writes another case means the same repo.
  const isOwn = owner === '' || key.slice(0, slash).toLowerCase() === owner.toLowerCase();
  if (isOwn) return joined(owner, owner === '' ? key : key.slice(slash + 1));
  const expected = `a key of ${type === 'repo' ? 'this repo' : 'its organisation'}, such as ${joined(owner, 'name')}`;
  throw new PipelineError([{ ...secret.place, expected }]);
}

/** Without a known repo, as on the command line, keys stay as they are. */
function joined(owner: string, name: string): string {
  return owner === '' ? name : `${owner}/${name}`;
}
