import { createUnionType, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type * as protocol from '../../protocol/messages.js';

/** See the type of the same name in src/protocol/messages.ts. */
@ObjectType({ description: 'A build for the worker, sealed for its session.', simpleResolvers: true })
export class BuildPackage {
  @Field(() => ID, { description: 'Build.' })
  readonly buildId: string;

  @Field(() => String, { description: 'JSON text of all that is not secret; its exact bytes are signed.' })
  readonly head: string;

  @Field(() => String, { description: 'Names this sealing of the secrets.' })
  readonly sealId: string;

  @Field(() => String, { description: 'Build token, nonce and secrets, encrypted for the session.' })
  readonly seal: string;
}

/** See the type of the same name in src/protocol/messages.ts. */
@ObjectType({ description: 'The build is to stop.', simpleResolvers: true })
export class CancelBuild {
  @Field(() => ID, { description: 'Build.' })
  readonly buildId: string;

  @Field(() => String, { description: 'Why.' })
  readonly reason: string;

  @Field(() => Float, { description: 'Time between asking it to end and killing it, in milliseconds.' })
  readonly graceMs: number;
}

/** See the type of the same name in src/protocol/messages.ts. */
@ObjectType({
  description: 'A heartbeat, reflected through the stream that carries the work.',
  simpleResolvers: true,
})
export class Beat {
  @Field(() => Int, { description: 'Number of the heartbeat.' })
  readonly heartbeat: number;
}

/** See the type of the same name in src/protocol/messages.ts. */
@ObjectType({ description: 'No more work comes on this session.', simpleResolvers: true })
export class Drain {
  @Field(() => String, { description: 'Why.' })
  readonly reason: string;
}

/** What a frame may carry. */
const FrameEvent = createUnionType({
  name: 'FrameEvent',
  description: 'What a frame may carry.',
  types: () => [BuildPackage, CancelBuild, Beat, Drain] as const,
  resolveType: (event) => (event as protocol.FrameEvent).__typename,
});

/** See the type of the same name in src/protocol/messages.ts. */
@ObjectType({ description: 'One message of the stream that carries the work.', simpleResolvers: true })
export class Frame {
  @Field(() => Int, { description: 'Grows by one within a session, from 1.' })
  readonly seq: number;

  @Field(() => [FrameEvent], { description: 'What it carries.' })
  readonly events: readonly protocol.FrameEvent[];

  @Field(() => String, { nullable: true, description: 'Key of the signature; null without packages.' })
  readonly kid: string | null;

  @Field(() => String, { nullable: true, description: 'Over the packages; null without any.' })
  readonly signature: string | null;
}
