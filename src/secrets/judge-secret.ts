import { eventNames, Matcher, PatternCompiler, type CompiledStep } from '../pipeline/index.js';
import { refGlobOf, type SecretRules } from './secret-rules.js';

/** What the rules of secrets look at, of the build. */
export interface BuildOrigin {
  readonly event: string;
  readonly action: string | null;
  /** Full name of the ref that is built; null when only a commit is known. */
  readonly ref: string | null;
  /** False for a change from a fork that nobody has approved. */
  readonly trusted: boolean;
  /** `org/name`. */
  readonly repo: string;
  readonly defaultBranch: string;
}

/** A step as far as the rules of secrets look at it. */
export type AskingStep = Pick<CompiledStep, 'image' | 'entrypoint' | 'commands'>;

/**
 * The rules of one secret as they are for one build: a function that says why a step may not have it, for the step's
 * log, or undefined when it may. What does not depend on the step is judged once.
 */
export function secretJudge(
  rules: SecretRules,
  origin: BuildOrigin,
): (step: AskingStep) => string | undefined {
  const refusal = judgeEvent(rules, origin) ?? judgeRepo(rules, origin) ?? judgeRef(rules, origin);
  if (refusal !== undefined) return () => refusal;
  const isAllowedImage = anyOf(rules.allowImages);
  return (step) => judgeImage(rules, step, isAllowedImage) ?? judgeCommands(rules, step);
}

function judgeEvent({ allowEvents }: SecretRules, { event, action }: BuildOrigin): string | undefined {
  const names = eventNames(event, action ?? undefined);
  if (names.some((name) => allowEvents.includes(name))) return undefined;
  return `it is not for event ${names.at(-1) ?? event}, only for ${allowEvents.join(', ')}`;
}

function judgeRepo({ allowRepos }: SecretRules, { repo }: BuildOrigin): string | undefined {
  if (allowRepos.length === 0 || anyOf(allowRepos)(repo)) return undefined;
  return `it is not for repo ${repo}`;
}

function judgeRef({ allowRefs }: SecretRules, { ref, defaultBranch }: BuildOrigin): string | undefined {
  if (allowRefs.length === 0) return undefined;
  if (ref === null) return `it is only for refs ${allowRefs.join(', ')}, and the build has none`;
  const isAllowed = anyOf(allowRefs.map((rule) => refGlobOf(rule, defaultBranch)));
  return isAllowed(ref) ? undefined : `it is not for ${ref}, only for ${allowRefs.join(', ')}`;
}

function judgeImage(
  { allowImages }: SecretRules,
  { image }: AskingStep,
  isAllowed: (image: string) => boolean,
): string | undefined {
  if (allowImages.length === 0) return undefined;
  const only = `only for images ${allowImages.join(', ')}`;
  if (image === undefined) return `it is ${only}, and the step has none`;
  return isAllowed(image) ? undefined : `it is not for image ${image}, ${only}`;
}

/** An entrypoint is commands by another name. */
function judgeCommands({ allowCommands }: SecretRules, step: AskingStep): string | undefined {
  if (allowCommands || (step.commands.length === 0 && step.entrypoint === undefined)) return undefined;
  return 'it is only for steps without commands and entrypoint';
}

/** Globs were checked when they were set; one that is none by now matches nothing. */
function anyOf(globs: readonly string[]): (value: string) => boolean {
  const compiler = new PatternCompiler();
  const patterns = globs.flatMap((glob) => {
    const outcome = compiler.compile(glob, Matcher.FILEPATH);
    return outcome.ok ? [outcome.pattern] : [];
  });
  return (value) => patterns.some((pattern) => pattern.matches(value));
}
