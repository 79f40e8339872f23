import { Field, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A value that a step wrote to `$SLIPWAY_OUTPUTS`. */
@Entity({ name: 'build_outputs' })
@ObjectType({ description: 'A value that a step wrote to $SLIPWAY_OUTPUTS.', simpleResolvers: true })
export class BuildOutput {
  @PrimaryColumn({ name: 'build_id', type: 'uuid' })
  readonly buildId: string;

  @PrimaryColumn({ type: 'text' })
  @Field(() => String, { description: 'Name; once per build.' })
  readonly name: string;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Value, without the secrets of the build.' })
  readonly value: string;
}
