<?php

declare(strict_types=1);

namespace Shop;

use PDO;

/** A SQLite file; a shop would use the database it has. */
final class Database
{
    private const SCHEMA = <<<'SQL'
        CREATE TABLE IF NOT EXISTS contacts (
            number INTEGER PRIMARY KEY,
            contact_id TEXT NOT NULL UNIQUE,
            idempotency_key TEXT NOT NULL UNIQUE,
            seller_id TEXT NOT NULL,
            visitor TEXT NOT NULL,
            user_info TEXT NOT NULL,
            registered_at TEXT NOT NULL
        );
        CREATE INDEX IF NOT EXISTS contacts_of_visitor ON contacts (visitor);
        CREATE TABLE IF NOT EXISTS events (
            contact_id TEXT NOT NULL,
            seq INTEGER NOT NULL,
            id TEXT NOT NULL UNIQUE,
            type TEXT NOT NULL,
            timestamp TEXT NOT NULL,
            data TEXT NOT NULL,
            PRIMARY KEY (contact_id, seq)
        );
        CREATE TABLE IF NOT EXISTS erased (contact_id TEXT NOT NULL PRIMARY KEY);
        SQL;

    private static ?PDO $database = null;

    public static function open(string $file): PDO
    {
        if (self::$database === null) {
            if (!is_dir(dirname($file))) {
                @mkdir(dirname($file), 0700, true);
            }
            $database = new PDO("sqlite:$file", null, null, [
                PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
                PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
                PDO::ATTR_TIMEOUT => 1,
            ]);
            $database->exec(self::SCHEMA);
            self::$database = $database;
        }
        return self::$database;
    }

    public static function hasErased(PDO $database, string $contactId): bool
    {
        $select = $database->prepare('SELECT 1 FROM erased WHERE contact_id = ?');
        $select->execute([$contactId]);
        return $select->fetchColumn() !== false;
    }
}
