// The document's $connect handler, as it stands there.
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
const { DynamoDBDocumentClient, PutCommand } = require("@aws-sdk/lib-dynamodb");

const clients = require("./clients");

exports.handler = async (event) => {
  console.log("🔗 Connect event:", JSON.stringify(event, null, 2));

  const docClient = clients.kept("documents") ?? DynamoDBDocumentClient.from(new DynamoDBClient({}));

  const queryParams = event.queryStringParameters || {};
  const userId = queryParams.userId;

  if (!userId) {
    console.error("❌ No userId provided in query parameters");
    return { statusCode: 400, body: "userId query parameter is required" };
  }

  const command = new PutCommand({
    TableName: process.env.TABLE_NAME,
    Item: {
      connectionId: event.requestContext.connectionId,
      userId: userId,
      connectedAt: new Date().toISOString(),
      status: "connected",
    },
  });

  try {
    await docClient.send(command);
    console.log("✅ Connection stored for user:", userId, "connection:", event.requestContext.connectionId);
  } catch (err) {
    console.log("❌ Connection store error:", err);
    return { statusCode: 500 };
  }

  return { statusCode: 200 };
};
