<?php

declare(strict_types=1);

namespace Shop;

use PDO;

/** Who wants to talk to whom. */
final class Contacts
{
    public function __construct(private readonly PDO $database)
    {
    }

    /**
     * Registers once per key: the unique index decides, however many requests arrive at once.
     *
     * @return array{int, array<string, mixed>}
     */
    public function register(string $idempotencyKey, Fields $fields): array
    {
        $insert = $this->database->prepare(
            'INSERT INTO contacts (contact_id, idempotency_key, seller_id, visitor, user_info, registered_at)
             SELECT ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM erased WHERE contact_id = ?) ON CONFLICT DO NOTHING'
        );
        $proposed = $fields->text('proposed_contact_id', Fields::CONTACT_ID);
        $insert->execute([
            $proposed,
            $idempotencyKey,
            $fields->text('seller_id', Fields::SELLER_ID),
            $fields->text('visitor', Fields::VISIBLE),
            json_encode($fields->object('user_info')->all, JSON_THROW_ON_ERROR),
            gmdate('Y-m-d\TH:i:s\Z'),
            $proposed,
        ]);
        $select = $this->database->prepare('SELECT contact_id FROM contacts WHERE idempotency_key = ?');
        $select->execute([$idempotencyKey]);
        $contactId = $select->fetchColumn();
        if ($contactId === false && Database::hasErased($this->database, $proposed)) {
            // It was on its way when its visitor was erased, and nobody needs to try it again.
            return [200, ['contact_id' => $proposed]];
        }
        if ($contactId === false) {
            throw new Refusal(409, 'Another contact has this id. Propose a new one under a new Idempotency-Key.');
        }
        return [$insert->rowCount() === 1 ? 201 : 200, ['contact_id' => $contactId]];
    }

    /** @return array<string, mixed>|null */
    public function find(string $contactId): ?array
    {
        $select = $this->database->prepare(
            'SELECT contact_id, seller_id, visitor, user_info, registered_at FROM contacts WHERE contact_id = ?'
        );
        $select->execute([$contactId]);
        $contact = $select->fetch();
        return $contact === false ? null : ['user_info' => json_decode($contact['user_info'])] + $contact;
    }
}
