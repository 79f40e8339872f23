import assert from 'node:assert/strict';
import { planStages } from '../../../src/agent/builds/stage-plan.js';
import type { CompiledPipeline, CompiledStage } from '../../../src/pipeline/index.js';
import { stepOf } from '../support/step.js';

function pipelineOf(
  stages: readonly CompiledStage[] | undefined,
  steps: readonly (string | undefined)[],
): CompiledPipeline {
  return {
    version: '1',
    clone: false,
    labels: {},
    environment: {},
    steps: steps.map((stage, index) => ({
      ...stepOf([]),
      name: `step ${index + 1}`,
      ...(stage === undefined ? {} : { stage }),
    })),
    ...(stages && { stages }),
    skipped: [],
    warnings: [],
  };
}

const stage = (name: string, ...needs: string[]): CompiledStage => ({ name, needs, independent: false });

describe('planStages', () => {
  it('makes one stage of a pipeline without any', () => {
    const [only, ...others] = planStages(pipelineOf(undefined, [undefined, undefined]));
    assert.deepEqual([only?.needs, only?.steps.length, others], [[], 2, []]);
  });

  it('gives each stage its own steps in their order', () => {
    const plans = planStages(pipelineOf([stage('a'), stage('b', 'a')], ['b', 'a', 'b']));
    assert.deepEqual(
      plans.map(({ name, steps }) => [name, ...steps.map((step) => step.name)]),
      [
        ['a', 'step 2'],
        ['b', 'step 1', 'step 3'],
      ],
    );
  });

  for (const [what, stages, steps, message] of [
    ['a step of no stage', [stage('a')], ['b'], /got "b", expected the stage of step step 1/],
    ['a step without a stage', [stage('a')], [undefined], /the stage of step step 1/],
    ['a need of no stage', [stage('a', 'b')], ['a'], /got "b", expected a stage that a can need/],
    ['two stages of one name', [stage('a'), stage('a')], ['a'], /names of their own/],
    ['a stage that needs itself', [stage('a', 'a')], ['a'], /do not wait for each other/],
    [
      'a circle',
      [stage('a', 'c'), stage('b', 'a'), stage('c', 'b'), stage('d')],
      [],
      /a.*b.*c.*, expected stages that do not wait/,
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => planStages(pipelineOf(stages, steps)), { code: 'VALIDATION_FAILED', message });
    });
  }
});
