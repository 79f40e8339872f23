import { type Command, InvalidArgumentError, Option } from 'commander';
import { BuildStatus, knownEventNames, type RuleFacts } from '../../pipeline/index.js';
import { gather } from '../parse-values.js';
import { parseRepoReference } from '../repo-reference.js';

/** The change that a pipeline is compiled for, as it is given on the command line. */
export interface FactsOptions {
  readonly event: string;
  readonly action?: string;
  readonly branch?: string;
  readonly target?: string;
  readonly tag?: string;
  readonly path?: readonly string[];
  readonly comment?: string;
  readonly sender?: string;
  readonly repo?: string;
  readonly label?: readonly string[];
  readonly instance?: string;
  readonly status?: BuildStatus;
}

/** Adds the options that say what the rulesets see. */
export function addFactsOptions(command: Command): Command {
  const status = new Option('--status <status>', 'only what runs at this status of the build');
  const event = new Option('--event <event>', 'such as push, tag or pull_request:opened');
  return command
    .addOption(event.argParser(parseEvent).default('push'))
    .option('--action <action>', 'of the event, such as opened')
    .option('--branch <name>', 'branch of the change')
    .option('--target <name>', 'deployment target, or name of the schedule')
    .option('--tag <name>', 'tag of the change')
    .option('--path <file>', 'changed file; may be given several times', gather)
    .option('--comment <text>', 'text of the comment')
    .option('--sender <name>', 'who caused it')
    .option('--repo <repo>', 'org/name')
    .option('--label <label>', 'label of the pull request; may be given several times', gather)
    .option('--instance <url>', 'address of the installation')
    .addOption(status.choices(Object.values(BuildStatus)));
}

/** What rulesets are matched against. Throws a usage error for a repo that is none. */
export function factsOf(options: FactsOptions): RuleFacts {
  const { event, action, branch, target, tag, path, comment, sender, repo, label, instance, status } =
    options;
  if (repo !== undefined) parseRepoReference(repo);
  const given = { event, action, branch, target, tag, comment, sender, instance, status };
  return { ...given, repo: repo ?? '', paths: path ?? [], labels: label ?? [] };
}

function parseEvent(text: string): string {
  const [event = ''] = text.split(':');
  if (knownEventNames.includes(event) && /^[a-z_]+(?::\w+)?$/.test(text)) return text;
  const known = knownEventNames.filter((name) => !name.includes(':'));
  throw new InvalidArgumentError(
    `Expected one of ${known.join(', ')}, with an action behind a colon if any.`,
  );
}
