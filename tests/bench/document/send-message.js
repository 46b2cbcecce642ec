// The document's sendMessage handler, as it stands there, and what its last step asks for besides: STORE=1 stores the message.
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
const { DynamoDBDocumentClient, PutCommand, QueryCommand } = require("@aws-sdk/lib-dynamodb");
const { PostToConnectionCommand } = require("@aws-sdk/client-apigatewaymanagementapi");

const clients = require("./clients");

const ddbClient = new DynamoDBClient({});
const docClient = DynamoDBDocumentClient.from(ddbClient);

exports.handler = async (event) => {
  console.log("SendMessage triggered:", JSON.stringify(event, null, 2));

  const { from, to, message } = JSON.parse(event.body || "{}");

  if (!to || !message) {
    return { statusCode: 400, body: "Missing 'to' or 'message'" };
  }

  let recipient;
  try {
    const result = await docClient.send(
      new QueryCommand({
        TableName: process.env.TABLE_NAME,
        IndexName: "UserIdIndex",
        KeyConditionExpression: "userId = :uid",
        ExpressionAttributeValues: { ":uid": to },
      }),
    );
    recipient = result.Items[0];
  } catch (err) {
    console.error("❌ Failed to find recipient:", err);
    return { statusCode: 500, body: "Failed to find recipient" };
  }

  if (!recipient || !recipient.connectionId) {
    return { statusCode: 404, body: "User not connected" };
  }

  const callbackAPI = clients.posting(event.requestContext);

  const messagePayload = {
    action: "sendMessage",
    from: from,
    message,
    timestamp: new Date().toISOString(),
  };

  if (process.env.STORE === "1") await store(from, to, messagePayload);

  try {
    await callbackAPI.send(
      new PostToConnectionCommand({ ConnectionId: recipient.connectionId, Data: JSON.stringify(messagePayload) }),
    );
    console.log("✅ Message sent to:", recipient.connectionId);
  } catch (err) {
    console.error("❌ Failed to send message:", err);
    return { statusCode: 500, body: "Failed to send message" };
  }

  return { statusCode: 200, body: "Message sent successfully" };
};

function store(from, to, { message, timestamp }) {
  const Item = { contact_id: `${from}#${to}`, item: timestamp, sender: from, text: message };
  return docClient.send(new PutCommand({ TableName: process.env.MESSAGE_TABLE, Item }));
}
