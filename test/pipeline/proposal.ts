/** The example of the proposal that brought schedules to Vela; its comments say what must run when. */
export const proposal = `
steps:
  - name: unit-test
    ruleset:
      event: [ deployment, schedule ]
      target: [ unit_test, integration_test, nightly ]
    commands:
      - echo "I run when a schedule with the name 'unit_test', 'integration_test' or 'nightly' is executed"

  - name: integration-test
    ruleset:
      event: [ deployment, schedule ]
      target: [ integration_test, nightly ]
    commands:
      - echo "I run when a schedule with the name 'integration_test' or 'nightly' is executed"
      
  - name: publish
    ruleset:
      event: [ deployment, schedule ]
      target: [ nightly ]
    commands:
      - echo "I run when a schedule with the name 'nightly' is executed"
      
  - name: notification
    ruleset:
      event: [ deployment, schedule ]
    commands:
      - echo "I run when any schedule is executed"
`;

/** The steps that the comments of {@link proposal} say, by schedule or deployment target. */
export const proposalSteps: Readonly<Record<string, readonly string[]>> = {
  unit_test: ['unit-test', 'notification'],
  integration_test: ['unit-test', 'integration-test', 'notification'],
  nightly: ['unit-test', 'integration-test', 'publish', 'notification'],
  another: ['notification'],
};
