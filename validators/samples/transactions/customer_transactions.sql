-- The table as SQLite needs it for a batch to be added to a sample: a table made from a CSV file numbers no rows.
CREATE TABLE customer_transactions (
  transaction_id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL,
  transaction_date TIMESTAMP NOT NULL,
  amount DECIMAL(10, 2) NOT NULL,
  stock_symbol TEXT NOT NULL
);
