const { webSocketUrl, restUrl } = await (await fetch("config.json")).json();
const wanted = new URLSearchParams(location.search);

SellerChat("boot", {
  sellerId: wanted.get("seller") ?? "123456",
  apiUrl: webSocketUrl,
  restUrl,
  title: "Kiln & Clay",
  welcomeMessage: "Hello! Ask us about our bowls, an order or anything else.",
  firstContact: wanted.get("first") ?? "form",
  questions: ["Where is my parcel?", "What can go into the dishwasher?"],
  team: { members: [{ name: "Grace" }, { name: "Ada" }], answerTime: "Usually answers within minutes" },
  otherWay: { email: "hello@kiln.example", phone: "+49 30 901820" },
  consent: { text: "We keep this conversation to help you.", url: "https://example.com/privacy" },
  ...(wanted.has("language") && { language: wanted.get("language") }),
  ...(wanted.has("theme") && { theme: wanted.get("theme") }),
  ...(wanted.has("connection") && { connectionType: wanted.get("connection") }),
});

document.querySelector("#ask").addEventListener("click", () => SellerChat("open"));
