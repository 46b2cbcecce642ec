<?php

declare(strict_types=1);

namespace Shop;

use PDO;
use PDOStatement;

/** What happened in each contact, by its number there: events may arrive in any order, and more than once. */
final class Events
{
    private const ERASED = 'visitor.erased';
    private const TIME = '/^[0-9T:.Z+-]{20,35}$/D';

    public function __construct(private readonly PDO $database)
    {
    }

    /** @return array<string, mixed> */
    public function store(Fields $event, ?string $signedId): array
    {
        $id = $event->text('id', Fields::VISIBLE);
        if ($signedId !== null && $signedId !== $id) {
            throw new Refusal(400, "'id' and the webhook-id header must be the same.");
        }
        $data = $event->object('data');
        if (($event->all->type ?? null) === self::ERASED) {
            return $this->erase($id, $data);
        }
        $contact = $data->text('contact_id', Fields::CONTACT_ID);
        // It may have been on its way when its visitor was erased, also between a look of its own and this write.
        $insert = $this->database->prepare(
            'INSERT INTO events (contact_id, seq, id, type, timestamp, data) SELECT ?, ?, ?, ?, ?, ?
             WHERE NOT EXISTS (SELECT 1 FROM erased WHERE contact_id = ?) ON CONFLICT DO NOTHING'
        );
        $insert->execute([
            $contact,
            $data->number('seq', 1),
            $id,
            $event->text('type', '/^[a-z_.]{1,64}$/D'),
            $event->text('timestamp', self::TIME),
            json_encode($data->all, JSON_THROW_ON_ERROR),
            $contact,
        ]);
        if ($insert->rowCount() === 0 && !$this->has($id) && !Database::hasErased($this->database, $contact)) {
            // Not 409: EventBridge would send that again for a day.
            throw new Refusal(422, 'Another event of this contact has this number.');
        }
        return ['id' => $id, 'duplicate' => $insert->rowCount() === 0];
    }

    /**
     * Forgets a visitor: the contacts that are named, and those registered for the visitor until then, which the chat
     * may have forgotten long ago.
     *
     * @return array<string, mixed>
     */
    private function erase(string $id, Fields $data): array
    {
        $named = $data->texts('contact_ids', Fields::CONTACT_ID);
        $known = $this->run(
            'SELECT contact_id FROM contacts WHERE visitor = ? AND substr(registered_at, 1, 19) <= substr(?, 1, 19)',
            $data->text('visitor', Fields::VISIBLE),
            $data->text('timestamp', self::TIME),
        )->fetchAll(PDO::FETCH_COLUMN);
        $this->database->beginTransaction();
        foreach ([...$named, ...$known] as $contact) {
            $this->run('INSERT OR IGNORE INTO erased (contact_id) VALUES (?)', $contact);
            $this->run('DELETE FROM events WHERE contact_id = ?', $contact);
            $this->run('DELETE FROM contacts WHERE contact_id = ?', $contact);
        }
        $this->database->commit();
        return ['id' => $id, 'duplicate' => false];
    }

    private function run(string $sql, string ...$values): PDOStatement
    {
        $statement = $this->database->prepare($sql);
        $statement->execute($values);
        return $statement;
    }

    /** @return list<array<string, mixed>> in the order of their numbers */
    public function of(string $contactId): array
    {
        $select = $this->database->prepare(
            'SELECT id, type, timestamp, data FROM events WHERE contact_id = ? ORDER BY seq'
        );
        $select->execute([$contactId]);
        return array_map(
            static fn (array $event) => ['data' => json_decode($event['data'])] + $event,
            $select->fetchAll(),
        );
    }

    /** The highest number up to which no event is missing. */
    public function completeUpTo(string $contactId): int
    {
        $select = $this->database->prepare('SELECT seq FROM events WHERE contact_id = ? ORDER BY seq');
        $select->execute([$contactId]);
        $complete = 0;
        while ($select->fetchColumn() === $complete + 1) {
            $complete++;
        }
        return $complete;
    }

    /** Who was the last to be given a contact of this visitor. */
    public function lastSellerOf(string $visitor): ?string
    {
        $select = $this->database->prepare(
            "SELECT json_extract(events.data, '$.seller_id') FROM events JOIN contacts USING (contact_id)
             WHERE contacts.visitor = ? AND events.type IN ('contact.assigned', 'contact.transferred')
             ORDER BY contacts.number DESC, events.seq DESC LIMIT 1"
        );
        $select->execute([$visitor]);
        return $select->fetchColumn() ?: null;
    }

    private function has(string $id): bool
    {
        $select = $this->database->prepare('SELECT 1 FROM events WHERE id = ?');
        $select->execute([$id]);
        return $select->fetchColumn() !== false;
    }
}
