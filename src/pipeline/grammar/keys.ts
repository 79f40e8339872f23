import { ruleKeys } from '../rules/facts.js';

/** What is done with a key of the grammar. */
export const Support = {
  /** Read and executed. */
  READ: 'READ',
  /** Known, not executed yet, harmless to leave out: an error in our files, a warning in Vela's. */
  LATER: 'LATER',
  /** Known, not executed yet, and a build without it would be another build: an error in both. */
  NEEDED: 'NEEDED',
  /** Only Vela's files have it: a warning there, unknown in ours. */
  VELA: 'VELA',
} as const;
export type Support = (typeof Support)[keyof typeof Support];

/** The keys of one kind of mapping. Supporting another key means READ here and a line in its reader. */
export type Keys = Readonly<Record<string, Support>>;

const { READ, LATER, NEEDED, VELA } = Support;

export const pipelineKeys = {
  version: READ,
  metadata: READ,
  worker: READ,
  environment: READ,
  steps: READ,
  timeout: LATER,
  concurrency: LATER,
  project: LATER,
  projects: LATER,
  secrets: NEEDED,
  services: NEEDED,
  stages: NEEDED,
  templates: NEEDED,
  deployment: VELA,
  git: VELA,
} satisfies Keys;

export const metadataKeys = {
  clone: READ,
  environment: READ,
  auto_cancel: LATER,
  template: VELA,
  render_inline: VELA,
} satisfies Keys;

export const workerKeys = { target: READ, labels: READ, flavor: READ, platform: READ } satisfies Keys;

export const stepKeys = {
  name: READ,
  image: READ,
  commands: READ,
  environment: READ,
  ruleset: READ,
  timeout: LATER,
  pull: LATER,
  privileged: LATER,
  user: LATER,
  artifacts: LATER,
  retry: LATER,
  entrypoint: NEEDED,
  parameters: NEEDED,
  secrets: NEEDED,
  detach: NEEDED,
  working_directory: NEEDED,
  template: NEEDED,
  ulimits: VELA,
  volumes: VELA,
  report_as: VELA,
  id_request: VELA,
  git: VELA,
} satisfies Keys;

const rules = Object.fromEntries(ruleKeys.map((key) => [key, READ]));

export const clauseKeys: Keys = { ...rules, operator: READ, matcher: READ };

export const rulesetKeys: Keys = { ...clauseKeys, continue: READ, if: READ, unless: READ };
