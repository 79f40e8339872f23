import assert from 'node:assert/strict';
import { parsePipeline, type RuleFacts, type Ruleset } from '../../../src/pipeline/index.js';

/** A push to main that touches one file. */
export const push: RuleFacts = {
  event: 'push',
  branch: 'main',
  paths: ['src/a.ts'],
  repo: 'octo/cat',
  sender: 'mona',
  labels: [],
};

/** The ruleset that a step's `ruleset` (as JSON, which is YAML) is read as. */
export function rulesetOf(ruleset: unknown): Ruleset {
  const text = JSON.stringify({ steps: [{ name: 'a', commands: 'x', ruleset }] });
  const [step] = parsePipeline({ file: '.slipway.yml', text }).steps;
  assert.ok(step);
  return step.ruleset;
}
