import { Field, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What an enrolment puts a worker into. */
@Entity({ name: 'pools' })
@ObjectType({ description: 'Workers that serve the same repos.', simpleResolvers: true })
export class Pool {
  @PrimaryColumn({ type: 'uuid' })
  readonly id: string;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Unique name.' })
  readonly name: string;
}
