import type { CommandModule } from './command.js';

/** A command as the help of its group lists it; its file is read only when it runs. */
export interface CommandEntry {
  readonly path: readonly string[];
  readonly summary: string;
  /** The same command said verb first; works, but is not listed. */
  readonly twin?: readonly string[];
  load(): Promise<{ readonly command: CommandModule<object> }>;
}

/** What a group of commands is about. */
export const groupSummaries: Readonly<Record<string, string>> = {
  artifact: 'files that builds have left',
  build: 'start, list, watch, cancel and repeat builds',
  log: 'read what builds say',
  pipeline: 'check pipeline files, without a server',
  queue: 'what waits, and why',
  repo: 'the git repositories that Slipway knows',
  secret: 'what builds may use and nobody may read',
  worker: 'the machines that build, and their agent',
};

/** Every command, in the order of the help text. */
export const commandTable: readonly CommandEntry[] = [
  entry('up', 'run everything on this machine (npm start)', () => import('./commands/up.js')),
  entry('server', 'run one replica of the control plane', () => import('./commands/server.js')),
  entry('migrate', 'bring the database up to date, or back', () => import('./commands/migrate.js')),
  entry('reset', 'delete what `up` made in this directory', () => import('./commands/reset.js')),
  entry('worker run', 'run the agent of a worker', () => import('./commands/worker-run.js')),
  entry(
    'worker enrol',
    'make a token by which a machine may register',
    () => import('./commands/worker-enrol.js'),
  ),
  entry('worker list', 'list the workers', () => import('./commands/worker-list.js'), 'list workers'),
  entry('worker view', 'show one worker', () => import('./commands/worker-view.js'), 'view worker'),
  entry('repo add', 'make a git repository known', () => import('./commands/repo-add.js'), 'add repo'),
  entry('repo list', 'list the repos', () => import('./commands/repo-list.js'), 'list repos'),
  entry('repo view', 'show one repo', () => import('./commands/repo-view.js'), 'view repo'),
  entry('repo update', 'change a repo', () => import('./commands/repo-update.js'), 'update repo'),
  entry('secret add', 'set a secret and its rules', () => import('./commands/secret-add.js'), 'add secret'),
  entry('secret list', 'list secrets', () => import('./commands/secret-list.js'), 'list secrets'),
  entry('secret remove', 'remove a secret', () => import('./commands/secret-remove.js'), 'remove secret'),
  entry(
    'secret rotate-keys',
    'bring all secrets under the current master key',
    () => import('./commands/secret-rotate-keys.js'),
  ),
  entry('build create', 'build a commit of a repo', () => import('./commands/build-create.js'), 'add build'),
  entry('build list', 'list builds, newest first', () => import('./commands/build-list.js'), 'list builds'),
  entry('build view', 'show one build', () => import('./commands/build-view.js'), 'view build'),
  entry(
    'build watch',
    'follow a build until it ends',
    () => import('./commands/build-watch.js'),
    'watch build',
  ),
  entry('build cancel', 'stop a build', () => import('./commands/build-cancel.js'), 'cancel build'),
  entry(
    'build rebuild',
    'build the same commit once more',
    () => import('./commands/build-rebuild.js'),
    'rebuild build',
  ),
  entry(
    'build prioritise',
    'move a waiting build in the queue',
    () => import('./commands/build-prioritise.js'),
    'prioritise build',
  ),
  entry('queue list', 'list what waits, in order', () => import('./commands/queue-list.js'), 'list queue'),
  entry('log view', 'print the log of a build', () => import('./commands/log-view.js'), 'view log'),
  entry(
    'log download',
    'save the logs of a build as files',
    () => import('./commands/log-download.js'),
    'download log',
  ),
  entry(
    'artifact list',
    'list the files that a build has left',
    () => import('./commands/artifact-list.js'),
    'list artifacts',
  ),
  entry(
    'artifact download',
    'save the files that a build has left',
    () => import('./commands/artifact-download.js'),
    'download artifacts',
  ),
  entry(
    'pipeline validate',
    'check a pipeline file',
    () => import('./commands/pipeline-validate.js'),
    'validate pipeline',
  ),
  entry(
    'pipeline compile',
    'show what a pipeline file comes to for a change',
    () => import('./commands/pipeline-compile.js'),
    'compile pipeline',
  ),
  entry('api', 'send a GraphQL operation', () => import('./commands/api.js')),
  entry('version', 'print the version', () => import('./commands/version.js')),
];

function entry(path: string, summary: string, load: CommandEntry['load'], twin?: string): CommandEntry {
  const words = { path: path.split(' '), summary, load };
  return twin === undefined ? words : { ...words, twin: twin.split(' ') };
}
