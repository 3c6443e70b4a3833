/** The daily sweep: a schedule and the function that counts what has been open for too long (docs/decisions/daily-sweep.md). */
import { Duration } from 'aws-cdk-lib';
import { type IRule, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { allow } from './grants.ts';
import { NodeFunction } from './node-function.ts';
import { type Storage, TASK_INDEX } from './storage.ts';

export interface SweepProps {
  readonly storage: Storage;
  readonly settings: Settings;
}

export class Sweep extends Construct {
  readonly function: NodeFunction;
  readonly rule: IRule;

  constructor(scope: Construct, id: string, { storage, settings }: SweepProps) {
    super(scope, id);
    const { tableName, tableArn } = storage.tasks;
    this.function = new NodeFunction(this, 'Sweep', {
      folder: 'sweep',
      // The longest that there is: it reads the whole index, page by page.
      timeout: Duration.minutes(15),
      memorySize: 256,
      settings,
      environment: { TASKS_TABLE: tableName, TASK_INDEX },
    });
    allow(this.function, `${tableArn}/index/${TASK_INDEX}`, 'dynamodb:Scan');
    allow(this.function, tableArn, 'dynamodb:BatchGetItem');
    this.rule = new Rule(this, 'Daily', {
      schedule: Schedule.rate(Duration.days(1)),
      targets: [new LambdaFunction(this.function as IFunction)],
    }) as IRule;
  }
}
