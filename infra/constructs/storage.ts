/** What is kept: the tasks, the API keys, the images. All of it survives the deletion of the stack. */
import { RemovalPolicy } from 'aws-cdk-lib';
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

export const BY_OWNER = 'by-owner';

/** The tables and the bucket. */
export class Storage extends Construct {
  readonly tasks: ITable;
  readonly keys: Table;
  readonly images: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.tasks = this.#tasksTable();
    this.keys = new Table(this, 'Keys', {
      partitionKey: { name: 'key_hash', type: AttributeType.STRING },
      ...onDemand,
    });
    this.images = new Bucket(this, 'Images', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  #tasksTable(): ITable {
    const table = new Table(this, 'Tasks', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: 'expires_at',
      ...onDemand,
    });
    table.addGlobalSecondaryIndex({
      indexName: BY_OWNER,
      partitionKey: { name: 'owner', type: AttributeType.STRING },
      sortKey: { name: 'created_id', type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
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
