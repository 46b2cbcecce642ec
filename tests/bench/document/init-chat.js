// The document's InitChat handler, as it stands there.
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
const { DynamoDBDocumentClient, UpdateCommand } = require("@aws-sdk/lib-dynamodb");
const { PostToConnectionCommand } = require("@aws-sdk/client-apigatewaymanagementapi");

const clients = require("./clients");

const ddbClient = new DynamoDBClient({});
const docClient = DynamoDBDocumentClient.from(ddbClient);

exports.handler = async (event) => {
  console.log("InitChat triggered:", JSON.stringify(event, null, 2));

  const connectionId = event.requestContext.connectionId;

  const contact_id = Math.random().toString(36).substring(2, 15);

  let body;
  try {
    body = JSON.parse(event.body || "{}");
    console.log("📥 Parsed body:", body);
  } catch (err) {
    console.error("❌ Invalid JSON in body:", err);
    return { statusCode: 400, body: "Invalid request body" };
  }

  const { sellerId, userInfo } = body;

  if (!sellerId || !userInfo) {
    console.error("❌ Missing required fields:", { sellerId, userInfo });
    return { statusCode: 400, body: "Missing sellerId or userInfo" };
  }

  try {
    await docClient.send(
      new UpdateCommand({
        TableName: process.env.TABLE_NAME,
        Key: { connectionId },
        UpdateExpression: "SET sellerId = :sid, userInfo = :ui, contact_id = :cid, updatedAt = :ua",
        ExpressionAttributeValues: {
          ":sid": sellerId,
          ":ui": userInfo,
          ":cid": contact_id,
          ":ua": new Date().toISOString(),
        },
      }),
    );
    console.log("✅ Connection updated with user info");
  } catch (err) {
    console.error("❌ Failed to update connection:", err);
    return { statusCode: 500, body: "Failed to update connection" };
  }

  const api = clients.posting(event.requestContext);

  const responsePayload = {
    action: "InitChat",
    contact_id: contact_id,
    message: "Chat initialized successfully",
  };

  console.log("📤 Sending response:", responsePayload);

  try {
    await api.send(
      new PostToConnectionCommand({ ConnectionId: connectionId, Data: JSON.stringify(responsePayload) }),
    );
    console.log("✅ Ack sent to client");
  } catch (err) {
    console.error("❌ Failed to send Ack to client:", err);
  }

  return { statusCode: 200, body: "InitChat handled" };
};
