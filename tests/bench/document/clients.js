// As the document has it, a handler makes some clients at every call; KEEP_CLIENTS=1 makes each of them once.
const { ApiGatewayManagementApiClient } = require("@aws-sdk/client-apigatewaymanagementapi");
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
const { DynamoDBDocumentClient } = require("@aws-sdk/lib-dynamodb");

const isKept = process.env.KEEP_CLIENTS === "1";
const made = new Map();

function once(name, make) {
  if (!made.has(name)) made.set(name, make());
  return made.get(name);
}

exports.kept = (name) =>
  isKept ? once(name, () => DynamoDBDocumentClient.from(new DynamoDBClient({}))) : undefined;

// The one change: what is measured answers by plain HTTP at an address of its own.
exports.posting = ({ domainName, stage }) => {
  const endpoint = process.env.CONNECTIONS_ENDPOINT ?? `https://${domainName}/${stage}`;
  const make = () => new ApiGatewayManagementApiClient({ endpoint });
  return isKept ? once("posts", make) : make();
};
