<?php

declare(strict_types=1);

namespace Shop;

/** Which request does what, and who may make it. */
final class Api
{
    public function __construct(private readonly Settings $settings, private readonly Request $request)
    {
    }

    /** @return array{int, array<string, mixed>} the HTTP status and the JSON object of the answer */
    public function answer(): array
    {
        [$method, $action] = $this->route() ?? throw self::noSuchThing();
        if ($this->request->method !== $method) {
            header("Allow: $method");
            throw new Refusal(405, "Use $method.");
        }
        return $action();
    }

    /** @return array{string, callable}|null */
    private function route(): ?array
    {
        $base = $this->settings->basePath . '/';
        if (!str_starts_with($this->request->path, $base)) {
            return null;
        }
        $parts = explode('/', substr($this->request->path, strlen($base)));
        return match ($parts) {
            ['contacts'] => ['POST', $this->registerContact(...)],
            ['contacts', $parts[1] ?? ''] => ['GET', fn () => $this->showContact(rawurldecode($parts[1]))],
            ['sellers', 'choose'] => ['POST', $this->chooseSeller(...)],
            ['events'] => ['POST', $this->receiveEvent(...)],
            ['seller-token'] => ['POST', $this->issueSellerToken(...)],
            default => null,
        };
    }

    /** @return array{int, array<string, mixed>} */
    private function registerContact(): array
    {
        $this->requireApiKey();
        $key = $this->request->header('Idempotency-Key');
        if (preg_match(Fields::VISIBLE, $key) !== 1) {
            throw new Refusal(400, 'Send an Idempotency-Key header, the same for every retry.');
        }
        return $this->contacts()->register($key, $this->request->json());
    }

    /** @return array{int, array<string, mixed>} */
    private function showContact(string $contactId): array
    {
        $this->requireApiKey();
        $contact = $this->contacts()->find($contactId);
        $events = $this->events();
        $received = $events->of($contactId);
        if ($contact === null && $received === []) {
            throw self::noSuchThing();
        }
        return [200, [
            'contact' => $contact,
            'events' => $received,
            'complete_up_to' => $events->completeUpTo($contactId),
        ]];
    }

    /** @return array{int, array<string, mixed>} */
    private function chooseSeller(): array
    {
        $this->requireApiKey();
        return [200, ['seller_id' => (new SellerChoice($this->events()))->choose($this->request->json())]];
    }

    /**
     * The chat signs its events; a signature that is there must be good. Whoever cannot sign needs the key.
     *
     * @return array{int, array<string, mixed>}
     */
    private function receiveEvent(): array
    {
        $signature = $this->request->header('webhook-signature');
        $signedId = null;
        if ($signature === '') {
            $this->requireApiKey();
        } else {
            $signedId = $this->request->header('webhook-id');
            (new WebhookSignature($this->settings->webhookSecret))->verify(
                $signature,
                $signedId,
                $this->request->header('webhook-timestamp'),
                $this->request->body,
                time(),
            );
        }
        return [200, $this->events()->store($this->request->json(), $signedId)];
    }

    /**
     * For a page of the shop where a seller has signed in; your sign-in sets $_SESSION['seller_id'].
     *
     * @return array{int, array<string, mixed>}
     */
    private function issueSellerToken(): array
    {
        if (isset($_COOKIE[session_name()])) {
            session_start(['read_and_close' => true, 'use_strict_mode' => true]);
        }
        $sellerId = $_SESSION['seller_id'] ?? throw new Refusal(401, 'Sign in first.');
        $token = new SellerToken($this->settings->sellerTokenSecret);
        return [200, ['token' => $token->issue($sellerId, time()), 'expires_in' => SellerToken::LIFETIME_SECONDS]];
    }

    private function requireApiKey(): void
    {
        $given = $this->request->bearer();
        foreach ($this->settings->apiKeys as $key) {
            if (hash_equals($key, $given)) {
                return;
            }
        }
        throw new Refusal(401, 'Send the API key: Authorization: Bearer PHP_API_KEY.');
    }

    private function contacts(): Contacts
    {
        return new Contacts(Database::open($this->settings->databaseFile));
    }

    private function events(): Events
    {
        return new Events(Database::open($this->settings->databaseFile));
    }

    private static function noSuchThing(): Refusal
    {
        return new Refusal(404, 'There is no such thing here.');
    }
}
