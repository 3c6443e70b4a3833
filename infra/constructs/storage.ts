/** What is kept: the tasks, the API keys, what owners use, the images. All of it survives the deletion of the stack. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  StreamViewType,
  Table,
} from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';

/** Each owner's tasks by time. */
export const TASK_INDEX = 'owner-created';
/** What deployments before had in its place, with whole records. */
const FORMER_INDEX = 'by-owner';

const RECOVERABLE_DAYS = 30;

/** The tables and the bucket. */
export class Storage extends Construct {
  readonly tasks: ITable;
  readonly keys: Table;
  /** Budgets, the counters that keep them, and the ledger (shared/usage/rows.ts). */
  readonly usage: Table;
  readonly images: Bucket;

  constructor(
    scope: Construct,
    id: string,
    { imageRetentionDays, keepFormerIndex }: Pick<Settings, 'imageRetentionDays' | 'keepFormerIndex'>,
  ) {
    super(scope, id);
    this.tasks = this.#tasksTable(keepFormerIndex);
    this.keys = new Table(this, 'Keys', {
      partitionKey: { name: 'key_hash', type: AttributeType.STRING },
      ...onDemand,
    });
    this.usage = new Table(this, 'Usage', {
      partitionKey: { name: 'owner', type: AttributeType.STRING },
      sortKey: { name: 'entry', type: AttributeType.STRING },
      timeToLiveAttribute: 'expires_at',
      ...onDemand,
    });
    this.images = new Bucket(this, 'Images', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // What was deleted or overwritten by mistake can be brought back for so long.
      versioned: true,
      lifecycleRules: [
        { noncurrentVersionExpiration: Duration.days(RECOVERABLE_DAYS) },
        // A provider reads them while it works on the task: a day at the longest.
        { prefix: 'inputs/', expiration: Duration.days(2) },
        ...(imageRetentionDays === undefined
          ? []
          : [{ prefix: 'images/', expiration: Duration.days(imageRetentionDays) }]),
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(
      this.images,
      'S1',
      'Server access logs come late and not always (S3 user guide); who must know who read what turns on CloudTrail data events.',
    );
  }

  #tasksTable(keepFormerIndex: boolean): ITable {
    const table = new Table(this, 'Tasks', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: 'expires_at',
      ...onDemand,
    });
    const byOwner = {
      partitionKey: { name: 'owner', type: AttributeType.STRING },
      sortKey: { name: 'created_id', type: AttributeType.STRING },
    };
    if (keepFormerIndex) {
      table.addGlobalSecondaryIndex({
        indexName: FORMER_INDEX,
        ...byOwner,
        projectionType: ProjectionType.ALL,
      });
    }
    // Keys never change, so an update of a task writes nothing here (docs/decisions/task-index.md).
    table.addGlobalSecondaryIndex({
      indexName: TASK_INDEX,
      ...byOwner,
      projectionType: ProjectionType.KEYS_ONLY,
    });
    // aws-cdk-lib's own classes do not satisfy its interfaces under exactOptionalPropertyTypes.
    return table as ITable;
  }
}

const onDemand = {
  billingMode: BillingMode.PAY_PER_REQUEST,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  removalPolicy: RemovalPolicy.RETAIN,
};
